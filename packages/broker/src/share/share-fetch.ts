/**
 * One fetch of a share group's member: waits until enough can be acquired or its time is over, then acquires from a fresh read.
 *
 * Nothing is acquired before it is sent: while the fetch waits, others may have the records. Looks again when a partition has more, when records are
 * given back, and at the end. Source: kafka.server.share.DelayedShareFetch, ShareFetchUtils.
 */
import type { AcquiredRecords, FetchedRecords } from '@skarab/coordinator';
import { FileSlice } from '@skarab/log';
import { EMPTY_BYTES, ErrorCode } from '@skarab/protocol';
import type { FetchWatcher } from '../replica/fetch-watchers.ts';
import type { ParkedOperation, Purgatory } from '../replica/purgatory.ts';
import { batchesIn, bytesOf } from './fetched-bytes.ts';
import type { SharePartitionHost } from './share-partition-host.ts';
import type { SharePartitionManager } from './share-partition-manager.ts';
import type { TopicIdPartition } from './topic-id-partition.ts';

/** What a member wants. */
export interface ShareFetchOptions {
  readonly groupId: string;
  readonly memberId: string;
  /** In the order in which they are served. */
  readonly partitions: readonly TopicIdPartition[];
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly maxRecords: number;
  readonly batchSize: number;
  readonly isRecordLimit: boolean;
}

/** What it gets of one partition. */
export interface ShareFetchResult {
  readonly at: TopicIdPartition;
  readonly errorCode: number;
  readonly records: Uint8Array;
  readonly acquired: readonly AcquiredRecords[];
}

/** What was read of a partition. */
interface Read {
  readonly at: TopicIdPartition;
  readonly host: SharePartitionHost;
  readonly fetchOffset: number;
  readonly errorCode: number;
  readonly bytes: Uint8Array;
  readonly abortedTransactions: FetchedRecords['abortedTransactions'];
}

export class ShareFetch implements FetchWatcher {
  readonly #options: ShareFetchOptions;
  readonly #manager: SharePartitionManager;
  readonly #purgatory: Purgatory;
  readonly #hosts = new Map<TopicIdPartition, SharePartitionHost>();
  readonly #failed: ShareFetchResult[] = [];
  readonly #look = (): void => this.#tryComplete();
  #parked: ParkedOperation | undefined;
  #resolve: ((results: readonly ShareFetchResult[]) => void) | undefined;

  constructor(options: ShareFetchOptions, manager: SharePartitionManager, purgatory: Purgatory) {
    this.#options = options;
    this.#manager = manager;
    this.#purgatory = purgatory;
  }

  run(): Promise<readonly ShareFetchResult[]> {
    const { partitions, maxRecords, maxBytes, maxWaitMs } = this.#options;
    if (partitions.length === 0 || maxRecords === 0 || maxBytes === 0) return Promise.resolve([]);
    for (const at of partitions) this.#join(at);
    if (this.#hosts.size === 0) return Promise.resolve(this.#failed);
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#tryComplete();
      // Answered at once, when it had something.
      if (this.#resolve === undefined) return;
      if (maxWaitMs <= 0) this.#complete(this.#read());
      else this.#wait(maxWaitMs);
    });
  }

  #join(at: TopicIdPartition): void {
    const host = this.#manager.getOrCreate(this.#options.groupId, at);
    if (typeof host === 'number') {
      this.#failed.push({ at, errorCode: host, records: EMPTY_BYTES, acquired: [] });
      return;
    }
    this.#hosts.set(at, host);
    host.initialize();
  }

  #wait(maxWaitMs: number): void {
    this.#parked = this.#purgatory.park(maxWaitMs, () => this.#complete(this.#read()));
    for (const host of this.#hosts.values()) {
      host.watch(this.#look);
      host.replica.watch(this, false);
    }
  }

  onReadable(): void {
    this.#tryComplete();
  }

  onDisturbed(): void {
    this.#tryComplete();
  }

  #tryComplete(): void {
    if (this.#resolve === undefined) return;
    this.#dropFailed();
    const reads = this.#read();
    const isError = reads.some(({ errorCode }) => errorCode !== ErrorCode.NONE);
    const byteCount = reads.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const isEnough = reads.length > 0 && byteCount >= this.#options.minBytes;
    if (isError || isEnough || this.#hosts.size === 0) this.#complete(reads);
  }

  /** Share partitions that are not led here any more, or whose state could not be read. */
  #dropFailed(): void {
    for (const [at, host] of this.#hosts) {
      const problem = host.problem;
      if (problem === null) continue;
      this.#hosts.delete(at);
      host.unwatch(this.#look);
      host.replica.unwatch(this);
      this.#failed.push({ at, errorCode: problem, records: EMPTY_BYTES, acquired: [] });
    }
  }

  /** Reads the partitions of which something could be acquired, each up to its share of the bytes. */
  #read(): Read[] {
    const hosts = [...this.#hosts].filter(([, host]) => host.canAcquire);
    if (hosts.length === 0) return [];
    const { maxBytes } = this.#options;
    const partitionMaxBytes = Math.max(1, Math.floor(maxBytes / hosts.length));
    let isFirst = true;
    return hosts.map(([at, host]) => {
      const read = readOne(at, host, partitionMaxBytes, isFirst);
      if (read.bytes.length > 0) isFirst = false;
      return read;
    });
  }

  #complete(reads: readonly Read[]): void {
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    this.#resolve = undefined;
    this.#parked?.complete();
    for (const host of this.#hosts.values()) {
      host.unwatch(this.#look);
      host.replica.unwatch(this);
    }
    let left = this.#options.maxRecords;
    const results = reads.map((read) => {
      const { result, count } = this.#acquire(read, left);
      left -= count;
      return result;
    });
    resolve([...results, ...this.#failed]);
    for (const { host } of reads) host.wake();
  }

  #acquire({ at, host, fetchOffset, errorCode, bytes, abortedTransactions }: Read, maxRecords: number) {
    const nothing = { at, errorCode, records: EMPTY_BYTES, acquired: [] };
    if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) {
      // The log begins later now; the member finds that out at its next fetch.
      host.tell((shares) => shares.onLogStart(host.replica.log.logStartOffset));
      return { result: { ...nothing, errorCode: ErrorCode.NONE }, count: 0 };
    }
    if (errorCode !== ErrorCode.NONE) {
      this.#manager.onProblem(host, errorCode as ErrorCode);
      return { result: nothing, count: 0 };
    }
    const batches = batchesIn(bytes);
    const { memberId, isRecordLimit, batchSize } = this.#options;
    const acquisition = { memberId, isRecordLimit, batchSize, maxRecords, fetchOffset };
    const acquired = host.tell((shares, nowMs) => shares.acquire(acquisition, { batches, abortedTransactions }, nowMs));
    if (acquired.records.length === 0) return { result: nothing, count: acquired.count };
    const records = bytesOf(bytes, batches, acquired.records);
    return { result: { at, errorCode, records, acquired: acquired.records }, count: acquired.count };
  }
}

function readOne(at: TopicIdPartition, host: SharePartitionHost, maxBytes: number, minOneMessage: boolean): Read {
  const fetchOffset = host.nextFetchOffset();
  const { isReadCommitted } = host.settings;
  const { errorCode, read } = host.replica.read({
    fetchOffset,
    maxBytes,
    minOneMessage,
    upperBound: isReadCommitted ? 'lastStable' : 'highWatermark',
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    fromLeaderOnly: true,
    follower: undefined,
  });
  const records = read?.records ?? EMPTY_BYTES;
  const bytes = records instanceof FileSlice ? records.toBytes() : records;
  const abortedTransactions = isReadCommitted ? (read?.abortedTransactions ?? []) : [];
  return { at, host, fetchOffset, errorCode, bytes, abortedTransactions };
}
