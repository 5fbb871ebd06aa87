/** kill -9 of the node that leads a given partition, and its return: one after the other, so that no partition misses two replicas. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterWatch } from '../../durability/chaos/cluster-watch.ts';
import type { ProcessCluster } from '../../tools/cluster/process-cluster.ts';
import { until } from '../cluster/harness.ts';

const SYNC_TIMEOUT_MS = 60_000;

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export class LeaderKills {
  readonly #cluster: ProcessCluster;
  readonly #watches: ReadonlyMap<string, ClusterWatch>;

  constructor(cluster: ProcessCluster, topics: readonly string[]) {
    const ports = new Map(cluster.brokers.map(({ id, port }) => [id, port!]));
    this.#cluster = cluster;
    this.#watches = new Map(topics.map((topic) => [topic, new ClusterWatch(topic, ports)]));
  }

  /** Resolves when the node is back, and has all that the topics have. Errors: rejects when there is no leader, or that takes too long. */
  async kill({ topic, partition }: TopicPartition, downMs: number): Promise<void> {
    await this.#untilInSync();
    const node = this.#cluster.node(this.#watches.get(topic)!.partitions.get(partition)!.leaderId);
    await node.kill();
    await sleep(downMs);
    await node.start();
    await this.#untilInSync();
  }

  async #untilInSync(): Promise<void> {
    for (const watch of this.#watches.values())
      await until(
        () => watch.isInSync(),
        (isSo) => isSo,
        `${watch.topic} is in sync`,
        SYNC_TIMEOUT_MS,
      );
  }
}
