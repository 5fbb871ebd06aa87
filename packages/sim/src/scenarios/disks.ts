/**
 * Disks are slow, full, or fail.
 */
import { between, someLeader, someNode } from './choosing.ts';
import type { Scenario } from './scenario.ts';

export const slowDisk: Scenario = {
  name: 'slow-disk',
  async trouble({ simulation }) {
    for (let round = 0; round < 2; round++) {
      const node = simulation.random.int(2) === 0 ? someLeader(simulation) : simulation.activeController;
      if (node !== undefined) node.disk = { maxLatencyMs: between(simulation, 100, 3000) };
      await simulation.pass(between(simulation, 500, 7000));
      if (node !== undefined) node.disk = { maxLatencyMs: 1 };
      await simulation.pass(between(simulation, 50, 2000));
    }
  },
};

/** The only directory is full: the node ends, as it says it would. Somebody makes room and starts it again. */
export const fullDisk: Scenario = {
  name: 'full-disk',
  async trouble({ simulation }) {
    simulation.mayFail = true;
    for (let round = 0; round < 2; round++) {
      const node = someNode(simulation);
      node?.storage.fill(simulation.random.int(4000));
      await simulation.pass(between(simulation, 500, 8000));
      node?.storage.heal();
      node?.start();
      await simulation.pass(between(simulation, 500, 4000));
    }
  },
};

/** One of two directories fails, not the one of the metadata: the node goes on with the other one, until somebody changes the disk's cable and restarts it. */
export const logDirFailure: Scenario = {
  name: 'log-dir-failure',
  properties: { 'log.dirs': '/data,/more' },
  async trouble({ simulation }) {
    for (let round = 0; round < 2; round++) {
      const node = someNode(simulation);
      const operation = simulation.random.int(2) === 0 ? 'write' : 'sync';
      node?.storage.fail({ operation, path: '/more', errno: 'EIO', times: 1_000_000 });
      await simulation.pass(between(simulation, 500, 8000));
      node?.kill();
      node?.storage.heal();
      await simulation.pass(between(simulation, 10, 2000));
      node?.start();
      await simulation.pass(between(simulation, 500, 4000));
    }
  },
};
