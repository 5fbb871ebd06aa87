/**
 * The scenarios by name.
 */
import type { Scenario } from './scenario.ts';
import { steady } from './steady.ts';

export const scenarios: readonly Scenario[] = [steady];

/** Errors: RangeError for a name that no scenario has. */
export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined)
    throw new RangeError(`there is no scenario ${name}, only ${scenarios.map((scenario) => scenario.name).join(', ')}`);
  return found;
}
