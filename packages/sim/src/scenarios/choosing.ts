/**
 * Whom trouble meets.
 */
import type { MetadataImage, PartitionRegistration } from '@skarab/metadata';
import type { SimNode } from '../cluster/sim-node.ts';
import type { Simulation } from '../cluster/simulation.ts';
import { PARTITIONS, TOPIC } from './scenario.ts';

/** What the node that is furthest knows of a topic's partitions. */
export function registrations(simulation: Simulation, topic = TOPIC): readonly PartitionRegistration[] {
  return Object.values(newestImage(simulation)?.topics.byName.get(topic)?.partitions ?? {});
}

function newestImage({ nodes }: Simulation): MetadataImage | undefined {
  const images = nodes.flatMap(({ kafka }) => (kafka?.metadata === undefined ? [] : [kafka.metadata.image]));
  return images.toSorted((a, b) => b.provenance.lastContainedOffset - a.provenance.lastContainedOffset)[0];
}

/** A node that serves, if there is one. */
export function someNode({ nodes, random }: Simulation): SimNode | undefined {
  const serving = nodes.filter(({ isServing }) => isServing);
  return serving[random.int(serving.length)];
}

/** The leader of some partition, if it serves. */
export function someLeader(simulation: Simulation, topic = TOPIC, partitions = PARTITIONS): SimNode | undefined {
  const leader = registrations(simulation, topic)[simulation.random.int(partitions)]?.leader ?? -1;
  const node = leader > 0 ? simulation.node(leader) : undefined;
  return node?.isServing === true ? node : undefined;
}

/**
 * A node may lose what it did not flush when of every partition somebody else is left who may lead it and has all that was acknowledged: that is
 * what Kafka promises.
 */
export function mayLosePower(simulation: Simulation, { id }: SimNode): boolean {
  const holds = (other: number): boolean => other !== id && simulation.node(other).isServing;
  const topics = [...(newestImage(simulation)?.topics.byName.values() ?? [])];
  const all = topics.flatMap(({ partitions }) => Object.values(partitions));
  return all.every(({ isr, elr }) => [...isr, ...elr].some(holds));
}

/** How a node dies. Killed processes count as unclean to the controller as well: where machines lose power too, both need somebody else who has everything. */
export const dying: readonly ((node: SimNode, simulation: Simulation, mayLose: boolean) => void)[] = [
  (node, simulation, mayLose) => {
    if (!mayLose || mayLosePower(simulation, node)) node.kill();
  },
  (node, simulation, mayLose) => {
    if (mayLose && mayLosePower(simulation, node)) node.crash();
    else if (!mayLose) node.kill();
  },
];

/** Between the two, by chance. */
export function between({ random }: Simulation, minMs: number, maxMs: number): number {
  return minMs + random.int(maxMs - minMs);
}
