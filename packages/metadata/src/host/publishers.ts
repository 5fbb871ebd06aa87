/**
 * Hands committed metadata to those who want it. A publisher's first update holds everything; it comes as soon as there is something.
 *
 * Source: org.apache.kafka.image.loader.MetadataLoader.
 */
import type { Logger } from '@skarab/base';
import { MetadataDelta } from '../core/delta/metadata-delta.ts';
import { EMPTY_IMAGE, imageRecords, type MetadataImage } from '../core/image/metadata-image.ts';
import type { LeaderAndEpoch, MetadataPublisher } from '../core/publisher.ts';
import type { MetadataUpdate } from '../core/state-machine.ts';

/** Publishers in the order of their installation. */
export class Publishers {
  readonly #logger: Logger;
  #image: MetadataImage = EMPTY_IMAGE;
  #leader: LeaderAndEpoch = { leaderId: null, epoch: 0 };
  #publishers: MetadataPublisher[] = [];
  #uninitialized: MetadataPublisher[] = [];

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** The newest image that was published. */
  get image(): MetadataImage {
    return this.#image;
  }

  /** Adds a publisher, which gets everything at once if there is something. */
  install(publisher: MetadataPublisher): void {
    this.#uninitialized.push(publisher);
    this.#initialize();
  }

  /** Takes a publisher out; fine when it is not in. */
  remove(publisher: MetadataPublisher): void {
    this.#publishers = this.#publishers.filter((known) => known !== publisher);
    this.#uninitialized = this.#uninitialized.filter((known) => known !== publisher);
  }

  /** The metadata that was found at the start. */
  begin(image: MetadataImage): void {
    this.#image = image;
    this.#initialize();
  }

  /** Publishes a step. */
  publish({ kind, delta, image, sizeInBytes }: MetadataUpdate): void {
    this.#image = image;
    for (const publisher of this.#publishers) {
      this.#call(publisher, () => publisher.onMetadataUpdate?.(delta, image, { kind, sizeInBytes }));
    }
    this.#initialize();
  }

  /** Publishes who leads. */
  publishLeader(leader: LeaderAndEpoch): void {
    this.#leader = leader;
    for (const publisher of this.#publishers) this.#call(publisher, () => publisher.onControllerChange?.(leader));
  }

  #initialize(): void {
    // Before the bootstrap records there is nothing that could be told.
    if (this.#image.features.metadataVersion === null) return;
    for (const publisher of this.#uninitialized.splice(0)) {
      this.#publishers.push(publisher);
      this.#call(publisher, () => {
        if (publisher.onMetadataUpdate !== undefined) {
          publisher.onMetadataUpdate(this.#whole(), this.#image, { kind: 'snapshot', sizeInBytes: 0 });
        }
        publisher.onControllerChange?.(this.#leader);
      });
    }
  }

  /** The way from nothing to the newest image. */
  #whole(): MetadataDelta {
    const delta = new MetadataDelta(EMPTY_IMAGE);
    for (const record of imageRecords(this.#image)) delta.replay(record);
    return delta;
  }

  /** A publisher must not throw; one that does anyway must not keep the others from knowing. */
  #call(publisher: MetadataPublisher, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#logger.error({ error, publisher: publisher.name }, 'metadata publisher failed');
    }
  }
}
