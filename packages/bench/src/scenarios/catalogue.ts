/**
 * All scenarios, in the order in which they run.
 */
import { clusterScenarios } from './cluster.ts';
import { clusterPartitions } from './cluster-partitions.ts';
import { consumeScenarios } from './consume.ts';
import { failoverScenarios } from './failover.ts';
import { groupScenarios } from './groups.ts';
import { latencyScenarios } from './latency.ts';
import { lifeScenarios } from './lives.ts';
import { produceScenarios } from './produce.ts';
import { rawScenarios } from './raw.ts';
import type { Scenario } from './scenario.ts';

export const scenarios: readonly Scenario[] = [
  ...produceScenarios,
  ...consumeScenarios,
  ...latencyScenarios,
  ...rawScenarios,
  ...lifeScenarios,
  ...clusterScenarios,
  ...groupScenarios,
  ...failoverScenarios,
  clusterPartitions,
];

/** The scenarios of patterns with `*`; without patterns those of the quick or the full run. Errors: throws for a pattern that fits none. */
export function selectScenarios(
  all: readonly Scenario[],
  patterns: readonly string[] | undefined,
  isQuick: boolean,
): Scenario[] {
  if (patterns === undefined) return all.filter(({ set }) => set === 'quick' || (set === 'full' && !isQuick));
  const expressions = patterns.map(
    (pattern) => new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`),
  );
  expressions.forEach((expression, index) => {
    if (!all.some(({ name }) => expression.test(name))) throw new Error(`no scenario ${patterns[index]}; see --list`);
  });
  return all.filter(({ name }) => expressions.some((expression) => expression.test(name)));
}
