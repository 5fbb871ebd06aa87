/**
 * How fast throttled replicas may be served, or may follow: a rate over some windows of time, and the replicas that it holds for.
 *
 * Only replicas that are out of sync wait, so that throttling takes nobody out of the ISR. Shape: state, times as arguments.
 * Source: KIP-73, kafka.server.ReplicationQuotaManager, org.apache.kafka.common.metrics.stats.SimpleRate.
 */
import type { ThrottledReplicas } from '@skarab/config';

/** Over which time the rate is measured. */
export interface QuotaWindows {
  /** `replication.quota.window.num`. */
  readonly count: number;
  /** `replication.quota.window.size.seconds`, in milliseconds. */
  readonly sizeMs: number;
}

interface Window {
  readonly startMs: number;
  bytes: number;
}

export class ReplicationQuota {
  readonly #nodeId: number;
  readonly #windows: QuotaWindows;
  readonly #throttled = new Map<string, '*' | ReadonlySet<number>>();
  readonly #samples: Window[] = [];
  #bytesPerSecond = Number.POSITIVE_INFINITY;

  constructor(nodeId: number, windows: QuotaWindows) {
    this.#nodeId = nodeId;
    this.#windows = windows;
  }

  /** `leader.replication.throttled.rate`, `follower.replication.throttled.rate` or `replica.alter.log.dirs.io.max.bytes.per.second`. */
  setRate(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** The replicas of a topic that are throttled; those of this broker count. */
  setThrottled(topic: string, replicas: ThrottledReplicas): void {
    if (replicas === '*') this.#throttled.set(topic, '*');
    else {
      const own = replicas.filter(({ brokerId }) => brokerId === this.#nodeId).map(({ partition }) => partition);
      if (own.length > 0) this.#throttled.set(topic, new Set(own));
      else this.#throttled.delete(topic);
    }
  }

  isThrottled(topic: string, partition: number): boolean {
    const partitions = this.#throttled.get(topic);
    return partitions !== undefined && (partitions === '*' || partitions.has(partition));
  }

  /** Bytes of throttled replicas have passed. */
  record(bytes: number, nowMs: number): void {
    const { count, sizeMs } = this.#windows;
    const last = this.#samples.at(-1);
    if (last !== undefined && nowMs - last.startMs < sizeMs) last.bytes += bytes;
    else this.#samples.push({ startMs: nowMs, bytes });
    while (this.#samples.length > count) this.#samples.shift();
  }

  isExceeded(nowMs: number): boolean {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return false;
    const { count, sizeMs } = this.#windows;
    while (this.#samples[0] !== undefined && nowMs - this.#samples[0].startMs >= count * sizeMs) this.#samples.shift();
    const oldest = this.#samples[0];
    if (oldest === undefined) return false;
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, 0);
    return (bytes * 1000) / Math.max(nowMs - oldest.startMs, sizeMs) > this.#bytesPerSecond;
  }

  /** Whether a replica has to wait. */
  holdsBack(topic: string, partition: number, nowMs: number): boolean {
    return this.#throttled.size > 0 && this.isThrottled(topic, partition) && this.isExceeded(nowMs);
  }
}

/** Those of a broker: both sides of replication, and moves between log directories, which are all throttled (KIP-113). */
export interface ReplicationQuotas {
  readonly leader: ReplicationQuota;
  readonly follower: ReplicationQuota;
  readonly alterLogDirs: ReplicationQuota;
}
