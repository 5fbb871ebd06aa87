/**
 * A log, members and a persister around one share partition: what they do comes from a seed, what came of it is written down.
 */
import { type Random, seededRandom } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { buildBatch, buildEndTransactionMarkerBatch, ControlRecordType } from '@skarab/records';
import {
  type AcquiredRecords,
  type FetchedBatch,
  type PersistedBatch,
  type PersistedState,
  SharePartition,
  type SharePartitionSettings,
  type WriteStateEffect,
} from '../src/index.ts';

/** A batch of the log, and its bytes. */
interface LogBatch extends FetchedBatch {
  readonly bytes: Uint8Array;
}

/** A command for an oracle, and what we answered. */
export interface Step {
  readonly command: string;
  readonly lines: readonly string[];
}

/** How long a member has what it has acquired. */
export const LOCK_MS = 100;

/** Who watches a world. */
export interface WorldObserver {
  onAcquired(memberId: string, records: readonly AcquiredRecords[], nowMs: number): void;
  /** An acknowledgement of `types.length` offsets from `firstOffset` on has ended. */
  onAcknowledged(firstOffset: number, types: readonly number[], isPersisted: boolean, askedMs: number): void;
  onReleased(memberId: string, isPersisted: boolean): void;
  /** A write sets out; they arrive in this order. */
  onWrite(write: WriteStateEffect): void;
}

const members = ['alice', 'bob', 'carol'];
const writeErrors = [ErrorCode.NOT_COORDINATOR, ErrorCode.FENCED_STATE_EPOCH, ErrorCode.UNKNOWN_SERVER_ERROR];

/** What may happen in a world. */
export interface WorldOptions {
  readonly movesLogStart: boolean;
  readonly failsWrites: boolean;
  /** Gaps and aborted transactions: what is archived because of them is not persisted. */
  readonly hasHoles: boolean;
}

const everything: WorldOptions = { movesLogStart: true, failsWrites: true, hasHoles: true };

export class SharePartitionWorld {
  readonly random: Random;
  readonly steps: Step[] = [];
  readonly log: LogBatch[] = [];
  readonly aborted: { producerId: number; firstOffset: number }[] = [];
  readonly settings: SharePartitionSettings;
  partition: SharePartition;
  nowMs = 1000;
  #lines: string[] = [];
  #token = 0;
  /** Writes that have not ended. */
  #writes: WriteStateEffect[] = [];
  readonly #observer: WorldObserver | null;
  /** What the partition was filled from. */
  initial!: PersistedState;

  readonly #options: WorldOptions;

  constructor(seed: number, observer: WorldObserver | null = null, options: WorldOptions = everything) {
    this.random = seededRandom(seed);
    this.#observer = observer;
    this.#options = options;
    const { random } = this;
    this.settings = {
      recordLockDurationMs: LOCK_MS,
      deliveryCountLimit: 1 + random.int(6),
      maxRecordLocks: 10 + random.int(60),
      renewAcknowledgeEnable: true,
    };
    this.#buildLog();
    this.partition = new SharePartition({ settings: () => this.settings, resetOffset: () => 0 });
    this.#start();
  }

  #buildLog(): void {
    const { random } = this;
    let offset = 0;
    let openFrom: number | null = null;
    for (let index = 0; index < 40; index++) {
      // Compaction leaves gaps between batches.
      if (this.#options.hasHoles && random.int(6) === 0) offset += 1 + random.int(4);
      if (openFrom !== null && random.int(3) === 0) {
        const isAbort = random.int(2) === 0;
        const marker = { type: isAbort ? ControlRecordType.ABORT : ControlRecordType.COMMIT, producerEpoch: 0 };
        const bytes = buildEndTransactionMarkerBatch({
          ...marker,
          producerId: 7,
          coordinatorEpoch: 0,
          timestamp: 0,
          baseOffset: offset,
        });
        if (isAbort) this.aborted.push({ producerId: 7, firstOffset: openFrom });
        openFrom = null;
        this.log.push({
          baseOffset: offset,
          lastOffset: offset,
          producerId: 7,
          isTransactional: true,
          isAbortMarker: isAbort,
          bytes,
        });
        offset++;
        continue;
      }
      const isTransactional = this.#options.hasHoles && random.int(4) === 0;
      if (isTransactional) openFrom ??= offset;
      const records = Array.from({ length: 1 + random.int(8) }, () => ({ timestamp: 0, key: null, value: null }));
      const producer = isTransactional ? { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional } : {};
      const bytes = buildBatch({ records, baseOffset: offset, ...producer });
      const lastOffset = offset + records.length - 1;
      this.log.push({
        baseOffset: offset,
        lastOffset,
        producerId: isTransactional ? 7 : -1,
        isTransactional,
        isAbortMarker: false,
        bytes,
      });
      offset = lastOffset + 1;
    }
  }

  #start(): void {
    const { random, settings } = this;
    const startOffset = random.int(20);
    const stateBatches: PersistedBatch[] = [];
    let offset = startOffset;
    for (let count = random.int(3) === 0 ? 1 + random.int(5) : 0; count > 0; count--) {
      if (random.int(3) === 0) offset += 1 + random.int(5);
      const lastOffset = offset + random.int(6);
      const deliveryState = [0, 0, 2, 4][random.int(4)]!;
      stateBatches.push({ firstOffset: offset, lastOffset, deliveryState, deliveryCount: 1 + random.int(2) });
      offset = lastOffset + 1;
    }
    const texts = stateBatches.map(
      (one) => `${one.firstOffset}-${one.lastOffset}/${one.deliveryState}/${one.deliveryCount}`,
    );
    const { maxRecordLocks, deliveryCountLimit, recordLockDurationMs } = settings;
    this.partition.initialize();
    this.partition.takeEffects();
    this.initial = { startOffset, stateEpoch: 3, stateBatches };
    if (this.partition.onRead(this.initial) !== null) this.#lines.push('failed');
    this.#end(['new', maxRecordLocks, deliveryCountLimit, recordLockDurationMs, startOffset, 3, ...texts].join(' '));
  }

  step(): void {
    const { random } = this;
    switch (random.int(10)) {
      case 0:
      case 1:
      case 2:
        this.#acquire();
        break;
      case 3:
      case 4:
      case 5:
        this.#acknowledge();
        break;
      case 6:
        if (random.int(4) === 0) this.#release();
        else this.#finishWrite();
        break;
      case 7:
        this.#finishWrite();
        break;
      case 8:
        this.nowMs += random.int(60);
        this.partition.onTimer(this.nowMs);
        this.#end(`time ${this.nowMs}`);
        break;
      default:
        if (random.int(5) === 0 && this.#options.movesLogStart) this.#moveLogStart();
        else this.#finishWrite();
    }
  }

  #acquire(): void {
    const { random, partition } = this;
    const fetchOffset = partition.nextFetchOffset();
    const from = this.log.findIndex(({ lastOffset }) => lastOffset >= fetchOffset);
    if (from < 0) return;
    const batches = this.log.slice(from, from + 1 + random.int(5));
    const memberId = members[random.int(members.length)]!;
    const isRecordLimit = random.int(3) === 0;
    const batchSize = 1 + random.int(10);
    const maxRecords = 1 + random.int(20);
    const first = batches[0]!.baseOffset;
    const last = batches.at(-1)!.lastOffset;
    const aborted = this.aborted.filter(({ firstOffset }) => firstOffset <= last && firstOffset >= first - 20);
    const { records, count } = partition.acquire(
      { memberId, isRecordLimit, batchSize, maxRecords, fetchOffset },
      { batches, abortedTransactions: aborted },
      this.nowMs,
    );
    this.#observer?.onAcquired(memberId, records, this.nowMs);
    const texts = records.map((one) => ` ${one.firstOffset}-${one.lastOffset}/${one.deliveryCount}`);
    this.#lines.push(`acquired ${count}${texts.join('')}`);
    const hex = batches.map(({ bytes }) => Buffer.from(bytes).toString('hex')).join('');
    const mode = isRecordLimit ? 'record_limit' : 'batch_optimized';
    const transactions = aborted.map(({ producerId, firstOffset }) => `${producerId}@${firstOffset}`);
    this.#end(['acquire', memberId, mode, batchSize, maxRecords, fetchOffset, hex, ...transactions].join(' '));
  }

  /** Mostly what somebody has; sometimes anything. */
  #acknowledge(): void {
    const { random, partition } = this;
    const acquired = [...partition.inFlight()].filter(({ deliveryState }) => deliveryState === 1);
    const target = acquired[random.int(Math.max(1, acquired.length))];
    if (target === undefined) return;
    const memberId = random.int(10) === 0 ? members[random.int(members.length)]! : target.memberId;
    let first = Number(target.firstOffset);
    let last = Number(target.lastOffset);
    const next = acquired.find(({ firstOffset }) => Number(firstOffset) === last + 1);
    if (next !== undefined && random.int(2) === 0) last = Number(next.lastOffset);
    if (random.int(3) === 0) first += random.int(last - first + 1);
    if (random.int(3) === 0) last -= random.int(last - first + 1);
    if (random.int(15) === 0) last += random.int(8);
    const typeOf = (): number => (random.int(40) === 0 ? 5 : [1, 1, 1, 2, 3, 4, 0][random.int(7)]!);
    const types = Array.from({ length: random.int(2) === 0 ? 1 : last - first + 1 }, typeOf);
    const token = ++this.#token;
    const askedMs = this.nowMs;
    const each = Array.from({ length: last - first + 1 }, (_, index) => types[index] ?? types[0]!);
    partition.acknowledge(
      memberId,
      [{ firstOffset: first, lastOffset: last, acknowledgeTypes: types }],
      (problem) => {
        this.#observer?.onAcknowledged(first, each, problem === null, askedMs);
        this.#report(token, problem);
      },
      this.nowMs,
    );
    this.#end(`ack ${memberId} ${token} ${first}-${last}:${types.join(',')}`);
  }

  #release(): void {
    const memberId = members[this.random.int(members.length)]!;
    const token = ++this.#token;
    this.partition.release(memberId, (problem) => {
      this.#observer?.onReleased(memberId, problem === null);
      this.#report(token, problem);
    });
    this.#end(`release ${memberId} ${token}`);
  }

  #report(token: number, problem: { error: number; message: string } | null): void {
    this.#lines.push(`done ${token} ${problem === null ? 'ok' : `${problem.error} ${problem.message}`}`);
  }

  #finishWrite(): void {
    const { random } = this;
    const [write] = this.#writes.splice(random.int(Math.max(1, this.#writes.length)), 1);
    if (write === undefined) return;
    this.#endWrite(
      write,
      random.int(6) === 0 && this.#options.failsWrites ? writeErrors[random.int(writeErrors.length)]! : ErrorCode.NONE,
    );
  }

  #endWrite(write: WriteStateEffect, error: ErrorCode): void {
    const { writeId } = write;
    this.partition.onWritten(writeId, error === ErrorCode.NONE ? null : { error, message: 'no' });
    this.#end(`written ${writeId} ${error}`);
  }

  /** Time passes until nobody has anything, and everything is persisted. */
  settle(): void {
    for (let turn = 0; turn < 3; turn++) {
      for (const write of this.#writes.splice(0)) this.#endWrite(write, ErrorCode.NONE);
      this.nowMs += LOCK_MS;
      this.partition.onTimer(this.nowMs);
      this.#end(`time ${this.nowMs}`);
    }
  }

  #moveLogStart(): void {
    const offset = this.partition.startOffset + this.random.int(12);
    this.partition.onLogStart(offset);
    this.#end(`start ${offset}`);
  }

  #end(command: string): void {
    const { partition } = this;
    const written: string[] = [];
    for (const effect of partition.takeEffects()) {
      if (effect.type !== 'write') continue;
      const { writeId, startOffset, deliveryCompleteCount, stateEpoch, stateBatches } = effect;
      this.#writes.push(effect);
      this.#observer?.onWrite(effect);
      const texts = stateBatches.map(
        (one) => ` ${one.firstOffset}-${one.lastOffset}/${one.deliveryState}/${one.deliveryCount}`,
      );
      written.push(`write ${writeId} ${startOffset} ${deliveryCompleteCount} ${stateEpoch}${texts.join('')}`);
    }
    const { startOffset, endOffset, deliveryCompleteCount } = partition;
    const next = partition.nextFetchOffset();
    const records = [...partition.inFlight()].map(
      (one) => ` ${one.firstOffset}-${one.lastOffset}/${one.deliveryState}/${one.deliveryCount}/${one.memberId}`,
    );
    const offsets = `offsets ${startOffset} ${endOffset} ${deliveryCompleteCount} ${next} ${partition.canAcquire}`;
    this.steps.push({ command, lines: [...written, ...this.#lines, offsets, `records${records.join('')}`] });
    this.#lines = [];
  }
}
