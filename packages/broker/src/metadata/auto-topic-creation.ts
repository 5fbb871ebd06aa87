/**
 * Creates topics that somebody asked for and nobody made: user topics on Metadata, internal ones on FindCoordinator.
 *
 * Fire and forget: the asker is answered at once and asks again. One request per name is under way at a time.
 * Source: kafka.server.DefaultAutoTopicCreationManager.
 */
import type { Logger } from '@skarab/base';
import {
  type CreatableTopic,
  type CreateTopicsRequest,
  type CreateTopicsResponse,
  ErrorCode,
  errorName,
  newCreatableTopic,
  newCreatableTopicConfig,
  newCreateTopicsRequest,
} from '@skarab/protocol';

/** Sizes of the topics to be made; -1 leaves the choice to the controller. */
export interface AutoTopicSettings {
  /** `auto.create.topics.enable`, which does not concern internal topics. */
  readonly isEnabled: boolean;
  readonly numPartitions: number;
  readonly replicationFactor: number;
  /** The topics that the broker works with itself, by name. */
  readonly internalTopics: ReadonlyMap<string, InternalTopicSettings>;
}

/** How an internal topic is made. */
export interface InternalTopicSettings {
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** Sends a CreateTopics request to the controller. */
export type SendCreateTopics = (request: CreateTopicsRequest) => Promise<CreateTopicsResponse>;

const TIMEOUT_MS = 30_000;

export class AutoTopicCreation {
  readonly #settings: AutoTopicSettings;
  readonly #send: SendCreateTopics;
  readonly #logger: Logger;
  readonly #underWay = new Set<string>();

  constructor(settings: AutoTopicSettings, send: SendCreateTopics, logger: Logger) {
    this.#settings = settings;
    this.#send = send;
    this.#logger = logger;
  }

  get isEnabled(): boolean {
    return this.#settings.isEnabled;
  }

  /** Starts the creation of a topic unless it is under way. */
  request(name: string): void {
    if (this.#underWay.has(name)) return;
    this.#underWay.add(name);
    const request = newCreateTopicsRequest({ timeoutMs: TIMEOUT_MS, topics: [this.#describe(name)] });
    this.#send(request).then(
      (response) => {
        this.#underWay.delete(name);
        for (const topic of response.topics) {
          if (topic.errorCode === ErrorCode.NONE || topic.errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) continue;
          this.#logger.warn(
            { topic: topic.name, error: errorName(topic.errorCode), message: topic.errorMessage },
            'cannot create topic automatically',
          );
        }
      },
      (error: unknown) => {
        this.#underWay.delete(name);
        this.#logger.warn({ topic: name, error: String(error) }, 'cannot create topic automatically');
      },
    );
  }

  #describe(name: string): CreatableTopic {
    const settings = this.#settings.internalTopics.get(name) ?? { ...this.#settings, configs: {} };
    const { numPartitions, replicationFactor, configs } = settings;
    return newCreatableTopic({
      name,
      numPartitions,
      replicationFactor,
      configs: Object.entries(configs).map(([key, value]) => newCreatableTopicConfig({ name: key, value })),
    });
  }
}
