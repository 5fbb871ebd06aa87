/**
 * Wall clocks jump, on one machine or on all; what elapses goes on as ever.
 */
import { between, someNode } from './choosing.ts';
import type { Scenario } from './scenario.ts';

const HALF_A_DAY_MS = 12 * 3_600_000;

export const clockJumps: Scenario = {
  name: 'clock-jumps',
  // Else what clients write would be refused as written in the future.
  topicConfigs: { 'message.timestamp.after.max.ms': String(Number.MAX_SAFE_INTEGER) },
  async trouble({ simulation }) {
    for (let round = 0; round < 5; round++) {
      const jumpMs = between(simulation, -HALF_A_DAY_MS, HALF_A_DAY_MS);
      const one = simulation.random.int(2) === 0 ? someNode(simulation) : undefined;
      for (const node of one === undefined ? simulation.nodes : [one]) node.wallOffsetMs = jumpMs;
      await simulation.pass(between(simulation, 100, 3000));
      const killed = simulation.random.int(3) === 0 ? someNode(simulation) : undefined;
      killed?.kill();
      await simulation.pass(between(simulation, 10, 1000));
      killed?.start();
    }
  },
};
