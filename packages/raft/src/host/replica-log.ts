/**
 * The log, the snapshots and the voters of a replica as one: whatever changes one of them changes the others with it.
 *
 * Source: org.apache.kafka.raft.internals.KafkaRaftLog, KRaftControlRecordStateMachine.
 */
import { CorruptDataError } from '@skarab/base';
import { iterateBatches, type RecordBatch } from '@skarab/records';
import type { ControlHistory } from '../core/control-history.ts';
import type { LocatedControlMessage } from '../core/control-message.ts';
import type { LogView } from '../core/log-view.ts';
import type { OffsetAndEpoch } from '../core/offset-and-epoch.ts';
import type { RaftLog } from '../ports.ts';
import { messagesOf, type SnapshotFiles } from './snapshot-files.ts';

/** Bytes read from the log at a time. */
const PIECE_SIZE = 1024 * 1024;

/** What a replica has. */
export class ReplicaLog implements LogView {
  readonly #log: RaftLog;
  readonly #snapshots: SnapshotFiles;
  readonly #history: ControlHistory;

  constructor(log: RaftLog, snapshots: SnapshotFiles, history: ControlHistory) {
    this.#log = log;
    this.#snapshots = snapshots;
    this.#history = history;
  }

  get startOffset(): number {
    return this.#log.startOffset;
  }

  get endOffset(): number {
    return this.#log.endOffset;
  }

  get lastEpoch(): number {
    const { latest } = this.#snapshots;
    const snapshotEpoch = latest !== null && latest.offset === this.#log.endOffset ? latest.epoch : 0;
    return Math.max(this.#log.lastEpoch, snapshotEpoch);
  }

  get earliestSnapshot(): OffsetAndEpoch | null {
    return this.#snapshots.earliest;
  }

  get latestSnapshot(): OffsetAndEpoch | null {
    return this.#snapshots.latest;
  }

  endOffsetForEpoch(epoch: number): OffsetAndEpoch | null {
    return this.#log.endOffsetForEpoch(epoch);
  }

  snapshotSizeInBytes(id: OffsetAndEpoch): number | null {
    return this.#snapshots.has(id) ? this.#snapshots.sizeOf(id) : null;
  }

  /** Reads what there is: voters and version of the newest snapshot, then of all control batches behind it. Errors: `CorruptDataError`. */
  async load(nextTurn: () => Promise<void>): Promise<void> {
    const log = this.#log;
    this.#truncateToSnapshot();
    const { latest } = this.#snapshots;
    if (latest !== null) this.#replaySnapshot(latest);
    let offset = latest?.offset ?? log.startOffset;
    while (offset < log.endOffset) {
      for (const batch of iterateBatches(log.read(offset, PIECE_SIZE))) {
        this.#replay([...messagesOf(batch)]);
        offset = batch.nextOffset;
      }
      await nextTurn();
    }
  }

  /** Appends a control batch of this node's own. */
  appendControl(bytes: Uint8Array, epoch: number, messages: readonly LocatedControlMessage[]): void {
    this.#log.append(bytes, epoch);
    this.#replay(messages);
  }

  /**
   * Appends what the leader of `epoch` sent: whole batches with right checksums that continue the log, up to the first one of a later epoch.
   * Returns whether there were any. Errors: `CorruptDataError`; nothing is appended then.
   */
  appendFetched(records: Uint8Array, epoch: number): boolean {
    let size = 0;
    let endOffset = this.#log.endOffset;
    const messages: LocatedControlMessage[] = [];
    for (const batch of iterateBatches(records)) {
      if (batch.partitionLeaderEpoch > epoch) break;
      checkContinues(batch, endOffset);
      messages.push(...messagesOf(batch));
      size += batch.sizeInBytes;
      endOffset = batch.nextOffset;
    }
    if (size === 0) return false;
    this.#log.appendFetched(records.subarray(0, size), epoch);
    this.#replay(messages);
    return true;
  }

  /** Removes everything from `offset` on. */
  truncateTo(offset: number): void {
    this.#log.truncateTo(offset);
    this.#history.truncateFrom(offset);
  }

  /** A snapshot of the leader's takes the place of everything. Errors: `CorruptDataError`; nothing has changed then. */
  replaceBySnapshot(id: OffsetAndEpoch): void {
    for (const batch of this.#snapshots.batches(id)) batch.ensureValid();
    this.#log.truncateFullyAndStartAt(id.offset);
    this.#snapshots.keepOnly(id);
    this.#history.clear();
    this.#replaySnapshot(id);
  }

  /** A snapshot ahead of the log is all there is: the log starts anew behind it. */
  #truncateToSnapshot(): void {
    const { latest } = this.#snapshots;
    const { lastEpoch, endOffset } = this.#log;
    if (latest === null || (latest.epoch <= lastEpoch && latest.offset <= endOffset)) return;
    if (latest.offset === 0) return;
    this.#log.truncateFullyAndStartAt(latest.offset);
    this.#snapshots.keepOnly(latest);
  }

  #replaySnapshot(id: OffsetAndEpoch): void {
    for (const batch of this.#snapshots.batches(id)) {
      for (const { message } of messagesOf(batch)) this.#history.replay(id.offset - 1, message);
    }
  }

  #replay(messages: readonly LocatedControlMessage[]): void {
    for (const { offset, message } of messages) this.#history.replay(offset, message);
  }
}

function checkContinues(batch: RecordBatch, endOffset: number): void {
  batch.ensureValid();
  if (batch.baseOffset === endOffset) return;
  throw new CorruptDataError(`A batch at offset ${batch.baseOffset} was fetched where ${endOffset} is next`, {});
}
