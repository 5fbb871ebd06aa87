/**
 * What must hold at every moment, whatever happens to brokers and network.
 */
import assert from 'node:assert/strict';
import type { Leadership } from '../../src/replica/leadership.ts';
import type { BrokerCluster } from '../../src/testing/index.ts';

export class Invariants {
  readonly #cluster: BrokerCluster;
  /** High watermark of each leader. After a restart it begins with what was checkpointed. */
  readonly #highWatermarks = new WeakMap<Leadership, number>();
  /** Highest leader epoch seen by partition, and who led in it. */
  readonly #leaders = new Map<string, number>();

  constructor(cluster: BrokerCluster) {
    this.#cluster = cluster;
  }

  check(): void {
    for (const broker of this.#cluster.brokers) {
      if (!broker.isRunning) continue;
      for (const partition of broker.server.replicas.all()) {
        if (partition.isOffline) continue;
        const { log, topic, index, leaderEpoch } = partition;
        const name = `${topic}-${index} on ${broker.id}`;
        const { logStartOffset, lastStableOffset, highWatermark, logEndOffset } = log;
        const offsets = [logStartOffset, lastStableOffset, highWatermark, logEndOffset];
        assert.deepEqual(
          offsets,
          [...offsets].sort((a, b) => a - b),
          `offsets of ${name} are in order`,
        );
        const { leadership } = partition;
        if (leadership === undefined) continue;
        const before = this.#highWatermarks.get(leadership) ?? 0;
        assert.ok(highWatermark >= before, `high watermark of ${name} epoch ${leaderEpoch} went back`);
        this.#highWatermarks.set(leadership, highWatermark);
        const epoch = `${topic}-${index} epoch ${leaderEpoch}`;
        assert.equal(this.#leaders.get(epoch) ?? broker.id, broker.id, `two leaders of ${epoch}`);
        this.#leaders.set(epoch, broker.id);
      }
    }
  }
}
