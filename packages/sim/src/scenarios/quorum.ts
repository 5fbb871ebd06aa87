/**
 * Voters come and go, and partitions move, while processes die.
 */
import { decodeMetaProperties, META_PROPERTIES } from '@skarab/log';
import type { SimNode } from '../cluster/sim-node.ts';
import { between, registrations, someNode } from './choosing.ts';
import { PARTITIONS, type Scenario, TOPIC } from './scenario.ts';

/** One who follows becomes a voter, one who votes stops doing so, and the controller dies now and then. */
export const votersChanged: Scenario = {
  name: 'voters-changed',
  nodes: 4,
  voters: 3,
  async trouble({ simulation, admin }) {
    const added = simulation.node(4);
    await simulation.run('a voter is added', admin.addVoter(added.id, directoryOf(added)), 60_000);
    await simulation.pass(between(simulation, 10, 1000));
    const active = simulation.activeController;
    active?.kill();
    await simulation.pass(between(simulation, 10, 4000));
    active?.start();
    const removed = simulation.node(1 + simulation.random.int(4));
    await simulation.run('a voter is removed', admin.removeVoter(removed.id, directoryOf(removed)), 60_000);
    await simulation.pass(between(simulation, 10, 2000));
    const next = someNode(simulation);
    next?.kill();
    await simulation.pass(between(simulation, 10, 4000));
    next?.start();
    await simulation.pass(between(simulation, 10, 2000));
  },
};

export const reassignment: Scenario = {
  name: 'reassignment',
  nodes: 4,
  voters: 3,
  async trouble({ simulation, admin }) {
    const { random } = simulation;
    for (let round = 0; round < 4; round++) {
      const partition = random.int(PARTITIONS);
      const registration = registrations(simulation)[partition];
      const isMoving = (registration?.addingReplicas.length ?? 1) + (registration?.removingReplicas.length ?? 1) > 0;
      const first = random.int(4);
      const replicas = [0, 1, 2].map((i) => ((first + i) % 4) + 1);
      if (!isMoving) await simulation.run('a move is taken', admin.reassign(TOPIC, partition, replicas), 60_000);
      await simulation.pass(between(simulation, 10, 1500));
      const killed = random.int(2) === 0 ? someNode(simulation) : undefined;
      killed?.kill();
      await simulation.pass(between(simulation, 10, 4000));
      killed?.start();
    }
  },
};

function directoryOf({ storage }: SimNode): string {
  const path = `/data/${META_PROPERTIES}`;
  return decodeMetaProperties(storage.readFile(path)!, path).directoryId!;
}

/** Messages take so long that several would lead at once, and the one who leads dies again and again. */
export const contestedElections: Scenario = {
  name: 'contested-elections',
  // With five, two who stand for election both need the same voter: one who votes twice is soon seen.
  nodes: 5,
  voters: 5,
  properties: { 'controller.quorum.election.timeout.ms': '400', 'controller.quorum.fetch.timeout.ms': '1500' },
  async trouble({ simulation }) {
    const { network } = simulation;
    const fair = network.weather;
    network.weather = { maxLatencyMs: 400, lossShare: 0.05, retransmitMs: 400 };
    for (let round = 0; round < 3; round++) {
      const active = simulation.activeController;
      active?.kill();
      await simulation.pass(between(simulation, 0, 300));
      active?.start();
      await simulation.pass(between(simulation, 2000, 7000));
    }
    network.weather = fair;
  },
};
