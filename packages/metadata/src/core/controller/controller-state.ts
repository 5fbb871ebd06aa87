/**
 * Everything the deciders look at: the newest image with its index, and the soft state that only the active controller has.
 *
 * Only `apply`, `loadSnapshot` and `revert` change the hard part; deciders never do. Shape: replayer.
 */
import { assert, type Turns } from '@skarab/base';
import { isElrEnabled, metadataVersionOrThrow } from '../image/features-image.ts';
import type { MetadataImage } from '../image/metadata-image.ts';
import type { MetadataProvenance } from '../image/provenance.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import type { ImageWriterOptions } from '../registration/partition-registration.ts';
import { type MetadataBatch, MetadataStateMachine, type MetadataUpdate } from '../state-machine.ts';
import { BrokerHeartbeats } from './broker-heartbeats.ts';
import { PartitionIndex } from './partition-index.ts';

/** What the deciders see. */
export class ControllerState {
  readonly #metadata = new MetadataStateMachine();
  readonly #sessionTimeoutMs: number;
  #index = new PartitionIndex();
  #heartbeats: BrokerHeartbeats | null = null;
  /** Offsets at or behind the record that last registered each broker. */
  readonly #registrationOffsets = new Map<number, number>();

  constructor(sessionTimeoutMs: number) {
    this.#sessionTimeoutMs = sessionTimeoutMs;
  }

  /** The newest image, committed or not. */
  get image(): MetadataImage {
    return this.#metadata.tip;
  }

  /** The newest committed image. */
  get stableImage(): MetadataImage {
    return this.#metadata.stable;
  }

  get index(): PartitionIndex {
    return this.#index;
  }

  get transactionStartOffset(): number {
    return this.#metadata.transactionStartOffset;
  }

  get isActive(): boolean {
    return this.#heartbeats !== null;
  }

  /** Errors: asserts that this controller is active. */
  get heartbeats(): BrokerHeartbeats {
    assert(this.#heartbeats !== null, 'the controller is not active');
    return this.#heartbeats;
  }

  /** Level of `metadata.version`. Errors: `StateError` before the bootstrap records. */
  get metadataVersion(): number {
    return metadataVersionOrThrow(this.image.features);
  }

  get elrEnabled(): boolean {
    return isElrEnabled(this.image.features);
  }

  get writerOptions(): ImageWriterOptions {
    return { metadataVersion: this.metadataVersion, elrEnabled: this.elrEnabled };
  }

  /** Offset that a broker must have followed the log to before it may be unfenced; undefined when it is not registered. */
  registrationOffset(brokerId: number): number | undefined {
    return this.#registrationOffsets.get(brokerId);
  }

  /** Becomes the active controller: from now on brokers have sessions, but for one that is known to have ended. */
  activate(nowMs: number, endedBrokerId: number | null = null): void {
    const heartbeats = new BrokerHeartbeats(this.#sessionTimeoutMs);
    for (const broker of this.image.cluster.brokers.values()) {
      heartbeats.register(broker.id, broker.fenced);
      if (!broker.fenced) heartbeats.suppose(broker, broker.id === endedBrokerId ? Number.NEGATIVE_INFINITY : nowMs);
    }
    this.#heartbeats = heartbeats;
  }

  /** Loses leadership: soft state and uncommitted records are gone. */
  deactivate(): void {
    this.#heartbeats = null;
    this.#metadata.revert();
    this.#rebuild();
  }

  /** Replays a batch. */
  apply(batch: MetadataBatch): void {
    const before = this.image;
    const delta = this.#metadata.apply(batch);
    if (delta === null) this.#index = PartitionIndex.of(this.image.topics);
    else if (delta.topics !== null) this.#index.update(delta.topics);
    for (const [index, record] of batch.records.entries()) this.#followBroker(record, before, batch.baseOffset + index);
  }

  /** Replaces everything by the contents of a snapshot, at the end of the last turn. */
  *loadSnapshot(records: Iterable<MetadataRecord>, provenance: MetadataProvenance): Turns<MetadataUpdate> {
    const update = yield* this.#metadata.loadSnapshot(records, provenance);
    this.#rebuild();
    return update;
  }

  /** Everything up to `offset` is committed: returns what may be published. */
  commitTo(offset: number): readonly MetadataUpdate[] {
    return this.#metadata.commitTo(offset);
  }

  #rebuild(): void {
    this.#index = PartitionIndex.of(this.image.topics);
    this.#registrationOffsets.clear();
    for (const id of this.image.cluster.brokers.keys()) {
      this.#registrationOffsets.set(id, this.image.provenance.lastContainedOffset);
    }
  }

  /** Keeps the soft state about brokers in step with their records. */
  #followBroker(record: MetadataRecord, before: MetadataImage, offset: number): void {
    const heartbeats = this.#heartbeats;
    if (record.type === 'RegisterBrokerRecord') {
      const { brokerId, fenced } = record.data;
      this.#registrationOffsets.set(brokerId, offset);
      if (before.cluster.brokers.has(brokerId)) heartbeats?.remove(brokerId);
      heartbeats?.register(brokerId, fenced);
    } else if (record.type === 'UnregisterBrokerRecord') {
      this.#registrationOffsets.delete(record.data.brokerId);
      heartbeats?.remove(record.data.brokerId);
    } else if (record.type === 'BrokerRegistrationChangeRecord') {
      const broker = this.image.cluster.brokers.get(record.data.brokerId);
      if (broker !== undefined) heartbeats?.register(broker.id, broker.fenced);
    }
  }
}
