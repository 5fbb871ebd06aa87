/**
 * What must hold after every event, whatever happens to nodes, disks and network.
 *
 * Offsets of a log are in order; a leader's high watermark never goes back; an epoch has one leader, of a partition and of the quorum; the
 * committed metadata of all nodes is the same.
 */
import assert from 'node:assert/strict';
import type { SimNode } from './sim-node.ts';

export class Invariants {
  readonly #nodes: readonly SimNode[];
  /** High watermark of each leadership. After a restart it begins with what was checkpointed. */
  readonly #highWatermarks = new WeakMap<object, number>();
  /** Who led in an epoch of a partition. */
  readonly #leaders = new Map<string, number>();
  /** Who led the quorum in an epoch. */
  readonly #controllers = new Map<number, number>();
  /** Epoch of the record at each offset that some node knows to be committed. */
  readonly #committed = new Map<number, number>();

  constructor(nodes: readonly SimNode[]) {
    this.#nodes = nodes;
  }

  /** Number of epochs that the quorum had a leader in. */
  get quorumEpochs(): number {
    return this.#controllers.size;
  }

  /** Errors: AssertionError. */
  check(): void {
    for (const node of this.#nodes) {
      this.#checkQuorum(node);
      this.#checkPartitions(node);
    }
  }

  #checkQuorum({ id, kafka }: SimNode): void {
    const metadata = kafka?.metadata;
    if (metadata === undefined) return;
    const { leaderId, epoch } = metadata.leader;
    if (leaderId !== null) {
      const known = this.#controllers.get(epoch) ?? leaderId;
      assert.equal(leaderId, known, `node ${id} sees another leader of the quorum in epoch ${epoch}`);
      this.#controllers.set(epoch, leaderId);
    }
    const { lastContainedOffset, lastContainedEpoch } = metadata.image.provenance;
    const committed = this.#committed.get(lastContainedOffset) ?? lastContainedEpoch;
    assert.equal(lastContainedEpoch, committed, `node ${id} has another committed record at ${lastContainedOffset}`);
    this.#committed.set(lastContainedOffset, lastContainedEpoch);
  }

  #checkPartitions({ id, kafka }: SimNode): void {
    for (const partition of kafka?.broker?.replicas.all() ?? []) {
      if (partition.isOffline) continue;
      const { log, topic, index, leaderEpoch, leadership } = partition;
      const { logStartOffset, lastStableOffset, highWatermark, logEndOffset } = log;
      if (logStartOffset > lastStableOffset || lastStableOffset > highWatermark || highWatermark > logEndOffset)
        assert.fail(
          `${topic}-${index} on ${id}: start ${logStartOffset}, stable ${lastStableOffset}, high watermark ${highWatermark}, end ${logEndOffset}`,
        );
      if (leadership === undefined) continue;
      const before = this.#highWatermarks.get(leadership) ?? 0;
      if (highWatermark < before)
        assert.fail(`the high watermark of ${topic}-${index} on ${id} went back from ${before} to ${highWatermark}`);
      this.#highWatermarks.set(leadership, highWatermark);
      const epoch = `${topic}-${index} epoch ${leaderEpoch}`;
      const known = this.#leaders.get(epoch) ?? id;
      if (known !== id) assert.fail(`${known} and ${id} both lead ${epoch}`);
      this.#leaders.set(epoch, id);
    }
  }
}
