/**
 * Turns committed metadata into what the broker does: replicas, configurations, coordinators, and last the view that requests see.
 *
 * Updates are applied one after the other; clients see an image only when the replicas behind it exist, so a fresh topic can be used
 * as soon as it is visible. Source: kafka.server.metadata.BrokerMetadataPublisher.
 */
import type { Clock, Logger } from '@skarab/base';
import { ConfigResourceType, type DynamicBrokerConfig } from '@skarab/config';
import type { LeaderAndEpoch, LoaderManifest, MetadataDelta, MetadataImage, MetadataPublisher } from '@skarab/metadata';
import type { ReplicaManager } from '../replica/replica-manager.ts';
import type { MetadataCache } from './metadata-cache.ts';

/** What the publisher feeds. */
export interface BrokerMetadataPublisherParts {
  readonly nodeId: number;
  readonly cache: MetadataCache;
  readonly replicas: Pick<ReplicaManager, 'stepsOf' | 'run' | 'onTopicConfigChanged' | 'setStraysAside'>;
  readonly config: DynamicBrokerConfig;
  /** Clients see the image now. */
  readonly onPublished: (image: MetadataImage, delta: MetadataDelta) => void;
  readonly onTopicsDeleted: (topics: readonly { readonly id: string; readonly name: string }[]) => void;
  /** Another controller is active, or none is. */
  readonly onControllerChange: (leader: LeaderAndEpoch) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Update {
  readonly delta: MetadataDelta;
  readonly image: MetadataImage;
}

/** How long updates that came together may hold the loop. */
const SLICE_MS = 4;

export class BrokerMetadataPublisher implements MetadataPublisher {
  readonly name = 'BrokerMetadataPublisher';
  readonly #parts: BrokerMetadataPublisherParts;
  readonly #queue: Update[] = [];
  readonly #waiting: { readonly offset: number; readonly resolve: () => void }[] = [];
  #isApplying = false;
  #isFirst = true;
  /** The image whose configurations are in force; newer than the one clients see while replicas are being made. */
  #newest: MetadataImage;

  constructor(parts: BrokerMetadataPublisherParts) {
    this.#parts = parts;
    this.#newest = parts.cache.image;
  }

  /** The newest image, perhaps not visible to clients yet. */
  get newestImage(): MetadataImage {
    return this.#newest;
  }

  onMetadataUpdate(delta: MetadataDelta, image: MetadataImage, _manifest: LoaderManifest): void {
    this.#queue.push({ delta, image });
    this.#applyNext();
  }

  onControllerChange(leader: LeaderAndEpoch): void {
    this.#parts.onControllerChange(leader);
  }

  /** Resolves when clients see the image of `offset` or a newer one. */
  whenPublished(offset: number): Promise<void> {
    if (this.#parts.cache.image.provenance.lastContainedOffset >= offset) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ offset, resolve }));
  }

  /** Applies what is queued until an update takes more than one turn, or the turn has taken long enough. */
  #applyNext(): void {
    const { clock } = this.#parts;
    const start = clock.monotonicMs();
    while (!this.#isApplying && this.#queue.length > 0) {
      this.#isApplying = true;
      if (clock.monotonicMs() - start >= SLICE_MS) clock.soon(() => this.#goOn());
      else this.#apply(this.#queue[0]!);
    }
  }

  #apply({ delta, image }: Update): void {
    this.#newest = image;
    this.#applyConfigs(delta, image);
    const steps = this.#parts.replicas.stepsOf(delta);
    let isSameTurn = true;
    this.#parts.replicas.run(steps, () => {
      this.#queue.shift();
      if (this.#isFirst) this.#parts.replicas.setStraysAside();
      this.#isFirst = false;
      this.#publish(delta, image);
      if (isSameTurn) this.#isApplying = false;
      else this.#goOn();
    });
    isSameTurn = false;
  }

  #goOn(): void {
    this.#isApplying = false;
    this.#applyNext();
  }

  #publish(delta: MetadataDelta, image: MetadataImage): void {
    this.#parts.cache.publish(image);
    this.#parts.onPublished(image, delta);
    const deleted = delta.topics === null ? [] : [...delta.topics.deletedTopicIds];
    if (deleted.length > 0) {
      this.#parts.onTopicsDeleted(deleted.map((id) => ({ id, name: delta.image.topics.byId.get(id)?.name ?? '' })));
    }
    const { lastContainedOffset } = image.provenance;
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.offset <= lastContainedOffset) waiting.resolve();
      else this.#waiting.push(waiting);
    }
  }

  #applyConfigs(delta: MetadataDelta, image: MetadataImage): void {
    if (delta.configs === null) return;
    const { config, nodeId, replicas, logger } = this.#parts;
    for (const { resource } of delta.configs.changedResources) {
      const { type, name } = resource;
      if (type === ConfigResourceType.TOPIC) replicas.onTopicConfigChanged(name);
      else if (type === ConfigResourceType.BROKER && (name === '' || name === String(nodeId))) {
        const values = image.configs.get(type, name);
        const { warnings } = name === '' ? config.updateCluster(values) : config.updateBroker(values);
        for (const warning of warnings) logger.warn({ warning }, 'dynamic configuration');
      }
    }
  }
}
