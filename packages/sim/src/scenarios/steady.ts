/**
 * Nothing goes wrong, apart from what a network always does.
 */
import type { Scenario } from './scenario.ts';

export const steady: Scenario = {
  name: 'steady',
  trouble: ({ simulation }) => simulation.pass(3000),
};
