/**
 * A scenario that starts servers itself, on all systems by turns.
 */
import type { Run } from '../report/report.ts';
import type { LifeContext, LifeScenario } from '../scenarios/scenario.ts';
import type { SystemUnderTest } from '../systems/system.ts';
import { settle } from './settle.ts';

/** Runs the scenario `lifeRounds` times on each system, after an unmeasured turn when it wants one. */
export async function runLife(
  scenario: LifeScenario,
  systems: readonly SystemUnderTest[],
  context: Omit<LifeContext, 'system'>,
  onRun: (run: Run) => void,
): Promise<void> {
  const { lifeRounds, pauseMs } = context.effort;
  const failed = new Set<SystemUnderTest>();
  for (let round = scenario.hasWarmup ? 0 : 1; round <= lifeRounds; round++) {
    for (const system of systems) {
      if (failed.has(system)) continue;
      const run = await runOnce(scenario, system, round, context);
      if (run.error !== undefined) failed.add(system);
      if (round > 0 || run.error !== undefined) onRun(run);
      await settle(pauseMs);
    }
  }
}

async function runOnce(
  scenario: LifeScenario,
  system: SystemUnderTest,
  round: number,
  context: Omit<LifeContext, 'system'>,
): Promise<Run> {
  const identity = { scenario: scenario.name, system: system.name, warmth: 'once', round } as const;
  try {
    return { ...identity, measurement: await scenario.run({ ...context, system }) };
  } catch (error) {
    return { ...identity, measurement: {}, error: describeError(error) };
  }
}

/** The message, and those of what caused it. */
function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${describeError(error.cause)}`;
}
