/**
 * Creates the internal topics of streams groups: repartition topics and changelogs that a heartbeat found missing.
 *
 * Fire and forget: the member is answered at once and beats again. What could not be created is not tried again for a while, and told to members
 * meanwhile. Source: kafka.server.DefaultAutoTopicCreationManager (createStreamsInternalTopics, getStreamsInternalTopicCreationErrors),
 * ExpiringErrorCache.
 */
import type { Clock, Logger } from '@skarab/base';
import { type CreatableTopic, ErrorCode, errorName, newCreateTopicsRequest } from '@skarab/protocol';
import type { SendCreateTopics } from './auto-topic-creation.ts';

const TIMEOUT_MS = 30_000;
/** Errors that are remembered at most; the oldest goes first. */
const MAX_ERRORS = 1000;

interface CreationError {
  readonly message: string;
  readonly expiresAtMs: number;
}

export class StreamsTopicCreation {
  readonly #send: SendCreateTopics;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #underWay = new Set<string>();
  readonly #errors = new Map<string, CreationError>();

  constructor(send: SendCreateTopics, clock: Clock, logger: Logger) {
    this.#send = send;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Starts the creation of those topics that are not under way and have not failed lately; an error is remembered for `errorTtlMs`. */
  request(topics: readonly CreatableTopic[], errorTtlMs: number): void {
    const wanted = topics.filter(({ name }) => this.#errorOf(name) === undefined && !this.#underWay.has(name));
    if (wanted.length === 0) return;
    for (const { name } of wanted) this.#underWay.add(name);
    const request = newCreateTopicsRequest({ timeoutMs: TIMEOUT_MS, topics: wanted });
    this.#send(request).then(
      (response) => {
        for (const { name } of wanted) this.#underWay.delete(name);
        for (const { name, errorCode, errorMessage } of response.topics) {
          if (errorCode === ErrorCode.NONE || errorCode === ErrorCode.TOPIC_ALREADY_EXISTS) continue;
          this.#remember(name, errorMessage ?? errorName(errorCode), errorTtlMs);
        }
      },
      (error: unknown) => {
        for (const { name } of wanted) {
          this.#underWay.delete(name);
          this.#remember(name, error instanceof Error ? error.message : String(error), errorTtlMs);
        }
      },
    );
  }

  /** Why topics could not be created lately, by name. */
  errorsOf(names: readonly string[]): Map<string, string> {
    const errors = names.map((name): [string, string | undefined] => [name, this.#errorOf(name)]);
    return new Map(errors.filter((entry): entry is [string, string] => entry[1] !== undefined));
  }

  #errorOf(name: string): string | undefined {
    const error = this.#errors.get(name);
    if (error === undefined || error.expiresAtMs > this.#clock.nowMs()) return error?.message;
    this.#errors.delete(name);
    return undefined;
  }

  #remember(name: string, message: string, ttlMs: number): void {
    this.#logger.warn({ topic: name, message }, 'cannot create an internal topic of a streams group');
    this.#errors.delete(name);
    this.#errors.set(name, { message, expiresAtMs: this.#clock.nowMs() + ttlMs });
    for (const oldest of this.#errors.keys()) {
      if (this.#errors.size <= MAX_ERRORS) break;
      this.#errors.delete(oldest);
    }
  }
}
