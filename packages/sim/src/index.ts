/** Whole clusters in one process on a virtual clock. */
export { type RunResult, run } from './run.ts';
export { scenarioNamed, scenarios } from './scenarios/index.ts';
export type { Scenario, Stage } from './scenarios/scenario.ts';
