/**
 * One load scenario on all systems by turns: cold, warm-ups, then the measured rounds A B B A, so that none always comes first.
 *
 * Every run has a topic of its own, which is deleted after it, unless the scenario fills one to read it. A failed run is a result; the
 * system's server then is replaced, because nobody knows its state, and the system misses the rest of the scenario.
 */

import type { Run, Warmth } from '../report/report.ts';
import type { Effort, LoadProcesses, LoadScenario, Target } from '../scenarios/scenario.ts';
import type { Server } from '../systems/server.ts';
import type { SystemUnderTest } from '../systems/system.ts';
import { awaitLed, createTopic, deleteTopic } from '../wire/topics.ts';
import type { Fleet } from './fleet.ts';
import { settle } from './settle.ts';

export interface LoadContext {
  readonly fleet: Fleet;
  readonly loads: LoadProcesses;
  readonly effort: Effort;
  readonly onRun: (run: Run) => void;
}

/** One step of the plan: every system takes it before the next one comes. */
interface Step {
  readonly warmth: Warmth | 'warm-up';
  readonly round: number;
  readonly seconds: number;
}

/** The steps of a scenario. */
export function planSteps({ freshServers, warmups, warmupSeconds, rounds, seconds }: Effort): Step[] {
  const repeat = (count: number, warmth: Step['warmth'], length: number): Step[] =>
    Array.from({ length: count }, (_, index) => ({ warmth, round: index + 1, seconds: length }));
  const cold = freshServers ? repeat(1, 'cold', seconds) : [];
  return [...cold, ...repeat(warmups, 'warm-up', warmupSeconds), ...repeat(rounds, 'warm', seconds)];
}

/** Runs the scenario on the systems; each measured run is told when it is done. */
export async function runLoad(
  scenario: LoadScenario,
  systems: readonly SystemUnderTest[],
  context: LoadContext,
): Promise<void> {
  const { fleet, effort } = context;
  if (effort.freshServers) await fleet.discardAll();
  const failed = new Set<SystemUnderTest>();
  const filled = new Map<SystemUnderTest, string>();
  for (const step of planSteps(effort)) {
    for (const system of inTurn(systems, step.round)) {
      if (failed.has(system) || !takesPart(system, step)) continue;
      const run = await runStep(scenario, system, step, filled, context);
      if (run.error !== undefined) {
        failed.add(system);
        await fleet.discard(system);
      }
      if (step.warmth !== 'warm-up' || run.error !== undefined) context.onRun(run);
      await settle(effort.pauseMs);
    }
  }
  for (const [system, topic] of filled) {
    if (!failed.has(system)) await deleteTopic((await fleet.get(system, scenario.nodes ?? 1)).client, topic);
  }
}

/** Every other round goes the other way: what one run leaves behind, dirty pages above all, is felt by the next. */
function inTurn(systems: readonly SystemUnderTest[], round: number): readonly SystemUnderTest[] {
  return round % 2 === 0 ? systems.toReversed() : systems;
}

/** The null broker is a ceiling, not a rival: how it warms up is of no interest. */
const takesPart = ({ storesRecords }: SystemUnderTest, { warmth }: Step): boolean => storesRecords || warmth === 'warm';

async function runStep(
  scenario: LoadScenario,
  system: SystemUnderTest,
  step: Step,
  filled: Map<SystemUnderTest, string>,
  context: LoadContext,
): Promise<Run> {
  const warmth = step.warmth === 'warm-up' ? 'warm' : step.warmth;
  const identity = { scenario: scenario.name, system: system.name, warmth, round: step.round };
  try {
    const server = await context.fleet.get(system, scenario.nodes ?? 1);
    const topic = filled.get(system) ?? `${scenario.name}-${step.warmth}-${step.round}`;
    const target = { server, topic, loads: context.loads, seconds: step.seconds, fillBytes: context.effort.fillBytes };
    if (!filled.has(system)) await makeTopic(server, topic, scenario, target);
    if (scenario.fill !== undefined) filled.set(system, topic);
    const measurement = await scenario.run(target);
    if (scenario.fill === undefined) await deleteTopic(server.client, topic);
    const { failures = 0 } = measurement;
    return failures === 0
      ? { ...identity, measurement }
      : { ...identity, measurement: {}, error: `${failures} records failed` };
  } catch (error) {
    return { ...identity, measurement: {}, error: error instanceof Error ? error.message : String(error) };
  }
}

async function makeTopic(server: Server, topic: string, scenario: LoadScenario, target: Target): Promise<void> {
  await createTopic(server.client, topic, scenario.partitions, server.nodes.length);
  await awaitLed(server.client, topic, scenario.partitions);
  await scenario.fill?.(target);
}
