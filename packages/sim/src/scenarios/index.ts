/**
 * The scenarios by name.
 */
import { bank, bankClockJumps, bankVersion0, bankVersion1 } from './bank.ts';
import { chaos } from './chaos.ts';
import { churn } from './churn.ts';
import { clockJumps } from './clocks.ts';
import { fullDisk, logDirFailure, slowDisk } from './disks.ts';
import {
  allKilled,
  controllerKilled,
  leaderKilled,
  paused,
  powerLoss,
  powerLossOfAll,
  rollingRestart,
} from './killing.ts';
import { badWeather, oneWayPartition, partitionedController, partitionedLeader } from './partitions.ts';
import { contestedElections, reassignment, votersChanged } from './quorum.ts';
import type { Scenario } from './scenario.ts';
import { share } from './share.ts';
import { steady } from './steady.ts';

export const scenarios: readonly Scenario[] = [
  steady,
  leaderKilled,
  controllerKilled,
  allKilled,
  rollingRestart,
  paused,
  powerLoss,
  powerLossOfAll,
  partitionedLeader,
  partitionedController,
  oneWayPartition,
  badWeather,
  slowDisk,
  fullDisk,
  logDirFailure,
  contestedElections,
  votersChanged,
  reassignment,
  clockJumps,
  bank,
  bankVersion0,
  bankVersion1,
  bankClockJumps,
  churn,
  share,
  chaos,
];

/** Errors: RangeError for a name that no scenario has. */
export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined)
    throw new RangeError(`there is no scenario ${name}, only ${scenarios.map((scenario) => scenario.name).join(', ')}`);
  return found;
}
