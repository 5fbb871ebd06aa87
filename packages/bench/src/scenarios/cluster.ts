/**
 * Loads against three nodes with three replicas of every partition, two of which must have what is acknowledged.
 */
import { latencyScenarios } from './latency.ts';
import { produceScenarios } from './produce.ts';
import type { LoadScenario } from './scenario.ts';

const NODES = 3;

/** The scenario of that name against a cluster; figures of brokers are those of all three together. */
function onThreeNodes(name: string): LoadScenario {
  const scenario = [...produceScenarios, ...latencyScenarios].find((one) => one.name === name);
  if (scenario === undefined) throw new Error(`there is no load '${name}'`);
  return {
    ...scenario,
    name: `cluster-${name}`,
    about: `Three combined nodes, RF 3, min ISR 2, CPU and memory of all nodes together. ${scenario.about}`,
    nodes: NODES,
    set: 'full',
    needsStorage: true,
  };
}

export const clusterScenarios: readonly LoadScenario[] = [
  'produce-1k',
  'produce-1k-single',
  'open-loop-2k',
  'closed-loop',
].map(onThreeNodes);
