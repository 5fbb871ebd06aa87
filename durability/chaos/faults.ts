/**
 * What happens to the nodes: each kind chooses its victims, harms them, and says how they are brought back.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@skarab/base';
import type { NodeProcess } from '../../tools/cluster/node-process.ts';
import type { ProcessCluster } from '../../tools/cluster/process-cluster.ts';
import type { ClusterWatch } from './cluster-watch.ts';

export type FaultKind =
  | 'kill leader'
  | 'kill active controller'
  | 'kill all'
  | 'pause leader'
  | 'pause active controller'
  | 'restart'
  | 'restart all'
  | 'kill while starting';

/** How often each kind is chosen. */
const WEIGHTS: Readonly<Record<FaultKind, number>> = {
  'kill leader': 5,
  'kill active controller': 4,
  'kill all': 1,
  'pause leader': 2,
  'pause active controller': 2,
  restart: 3,
  'restart all': 1,
  'kill while starting': 2,
};

/** SIGTERM to all at once: the last ones ask a quorum for leave that is gone, and wait as long as Kafka's do, until somebody kills them. */
const STOP_PATIENCE_MS = 4000;

/** Draws a kind. */
export function drawFault(random: Random): FaultKind {
  const kinds = Object.entries(WEIGHTS) as [FaultKind, number][];
  let rest = random.int(kinds.reduce((sum, [, weight]) => sum + weight, 0));
  for (const [kind, weight] of kinds) {
    if (rest < weight) return kind;
    rest -= weight;
  }
  return 'kill leader';
}

/** What faults are done to, and how long they may last. */
export interface FaultScene {
  readonly cluster: ProcessCluster;
  readonly watch: ClusterWatch;
  readonly random: Random;
  readonly maxPauseMs: number;
}

/** Who a fault of the kind hits. */
export async function victimsOf(kind: FaultKind, { cluster, watch, random }: FaultScene): Promise<NodeProcess[]> {
  if (kind.endsWith(' all')) return [...cluster.nodes];
  if (kind === 'restart' || kind === 'kill while starting') return [cluster.nodes[random.int(cluster.nodes.length)]!];
  if (kind.endsWith('controller')) {
    const active = await watch.activeController();
    return active === undefined ? [] : [cluster.node(active)];
  }
  await watch.refresh();
  const leaders = [...watch.partitions.values()].filter(({ leaderId }) => leaderId >= 0);
  return leaders.length === 0 ? [] : [cluster.node(leaders[random.int(leaders.length)]!.leaderId)];
}

/** Harms the victims and has them back: resolves when they serve again. Errors: rejects when one does not start. */
export async function inflict(kind: FaultKind, victims: readonly NodeProcess[], scene: FaultScene): Promise<void> {
  const { random, maxPauseMs } = scene;
  if (kind.startsWith('pause')) {
    for (const node of victims) node.pause();
    await sleep(300 + random.int(maxPauseMs));
    for (const node of victims) node.resume();
    return;
  }
  if (kind.startsWith('restart')) {
    await Promise.race([Promise.all(victims.map((node) => node.stop())), sleep(STOP_PATIENCE_MS)]);
  }
  await Promise.all(victims.map((node) => node.kill()));
  if (kind === 'kill while starting') {
    for (const node of victims) {
      node.launch();
      await sleep(100 + random.int(900));
      await node.kill();
    }
  }
  await sleep(random.int(1500));
  await Promise.all(victims.map((node) => node.start()));
}
