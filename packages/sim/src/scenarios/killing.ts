/**
 * Processes die, stop for a while, or are restarted; machines lose power.
 */
import { between, mayLosePower, someLeader, someNode } from './choosing.ts';
import type { Scenario } from './scenario.ts';

export const leaderKilled: Scenario = {
  name: 'leader-killed',
  async trouble({ simulation }) {
    for (let round = 0; round < 2; round++) {
      const leader = someLeader(simulation);
      leader?.kill();
      await simulation.pass(between(simulation, 50, 6000));
      leader?.start();
      await simulation.pass(between(simulation, 50, 3000));
    }
  },
};

export const controllerKilled: Scenario = {
  name: 'controller-killed',
  async trouble({ simulation }) {
    for (let round = 0; round < 2; round++) {
      const active = simulation.activeController;
      active?.kill();
      await simulation.pass(between(simulation, 50, 6000));
      active?.start();
      await simulation.pass(between(simulation, 50, 3000));
    }
  },
};

export const allKilled: Scenario = {
  name: 'all-killed',
  async trouble({ simulation }) {
    for (const node of simulation.nodes) {
      node.kill();
      await simulation.pass(between(simulation, 0, 100));
    }
    await simulation.pass(between(simulation, 100, 5000));
    for (const node of simulation.nodes) {
      node.start();
      await simulation.pass(between(simulation, 0, 500));
    }
  },
};

export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  async trouble({ simulation }) {
    for (const node of simulation.nodes) {
      await simulation.until('the node serves', () => node.isServing, 30_000);
      await simulation.run('a node stops in order', node.stop(), 60_000);
      await simulation.pass(between(simulation, 10, 1000));
      node.start();
      await simulation.until('the node is back', () => node.isServing, 30_000);
      await simulation.pass(between(simulation, 100, 2000));
    }
  },
};

export const paused: Scenario = {
  name: 'paused',
  async trouble({ simulation }) {
    for (let round = 0; round < 3; round++) {
      const node = simulation.random.int(2) === 0 ? someLeader(simulation) : simulation.activeController;
      node?.pause();
      await simulation.pass(between(simulation, 100, 8000));
      node?.resume();
      await simulation.pass(between(simulation, 50, 2000));
    }
  },
};

export const powerLoss: Scenario = {
  name: 'power-loss',
  async trouble({ simulation }) {
    for (let round = 0; round < 3; round++) {
      const node = simulation.random.int(2) === 0 ? someLeader(simulation) : someNode(simulation);
      if (node !== undefined && mayLosePower(simulation, node)) node.crash();
      await simulation.pass(between(simulation, 50, 5000));
      node?.start();
      await simulation.pass(between(simulation, 50, 4000));
    }
  },
};

/** Every machine at once. What was acknowledged had been flushed by all of the ISR, because the brokers are told to. */
export const powerLossOfAll: Scenario = {
  name: 'power-loss-of-all',
  properties: { 'log.flush.interval.messages': '1' },
  async trouble({ simulation }) {
    for (const node of simulation.nodes) node.crash();
    await simulation.pass(between(simulation, 100, 3000));
    for (const node of simulation.nodes) {
      node.start();
      await simulation.pass(between(simulation, 0, 500));
    }
  },
};
