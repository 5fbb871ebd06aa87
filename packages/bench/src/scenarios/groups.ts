/**
 * Groups in number and in size, on one node: what they cost at rest, and how long a rebalance takes.
 */
import { newFindCoordinatorRequest } from '@skarab/protocol';
import { cpuSecondsOf, residentOf } from '../process/proc-stat.ts';
import { now, pause, retry } from '../process/time.ts';
import type { Measurement } from '../report/metrics.ts';
import { Server } from '../systems/server.ts';
import { findCoordinator } from '../wire/api.ts';
import { ClassicMember } from '../wire/classic-member.ts';
import { ConsumerMember } from '../wire/consumer-member.ts';
import { awaitLed, createTopic } from '../wire/topics.ts';
import type { LifeContext, LifeScenario } from './scenario.ts';

const TOPIC = 'grouped';
const GROUP = 'group';
const GROUPS = 10_000;
const MEMBERS = 1000;
/** Requests under way at once over the one connection. */
const WINDOW = 100;
const HEARTBEAT_ROUNDS = 3;
const POLL_MS = 20;
const SETTLE_MS = 3000;
const STABLE_TIMEOUT_MS = 120_000;

/** Runs `body` with a fresh server that has a topic. */
async function withTopic(
  { system, workFolder }: LifeContext,
  partitions: number,
  body: (server: Server) => Promise<Measurement>,
): Promise<Measurement> {
  const server = await Server.create(system, workFolder);
  try {
    await server.start();
    await createTopic(server.client, TOPIC, partitions);
    await awaitLed(server.client, TOPIC, partitions);
    return await body(server);
  } finally {
    await server.discard();
  }
}

/** Calls `act` for all, some at a time. */
async function inTurns<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < all.length; i += WINDOW) await Promise.all(all.slice(i, i + WINDOW).map(act));
}

/** Resident KiB that came with `act`, which makes `count` things. */
async function kibEach(server: Server, count: number, act: () => Promise<void>): Promise<number> {
  const resident = (): number => residentOf(server.pids[0]!)?.nowMiB ?? Number.NaN;
  await pause(SETTLE_MS);
  const before = resident();
  await act();
  await pause(SETTLE_MS);
  return ((resident() - before) * 1024) / count;
}

/** The first group has the offsets topic made, and the coordinator loaded, which is not part of what groups cost. */
async function loadCoordinator(server: Server): Promise<void> {
  await retry('a coordinator', STABLE_TIMEOUT_MS, POLL_MS, async () => {
    await server.client.call(findCoordinator, newFindCoordinatorRequest({ coordinatorKeys: ['first'] }));
    await new ConsumerMember(server.client, 'first').heartbeat(TOPIC);
    return true;
  });
}

const many: LifeScenario = {
  kind: 'life',
  hasWarmup: false,
  name: 'groups-10000',
  about:
    'Ten thousand groups of the consumer protocol with one member each: resident memory that came with them, and CPU of the broker for each ' +
    'heartbeat in three rounds.',
  metrics: ['groupKiB', 'heartbeatUs'],
  set: 'full',
  needsStorage: true,
  run: (context) =>
    withTopic(context, 1, async (server) => {
      await loadCoordinator(server);
      const members = Array.from({ length: GROUPS }, (_, i) => new ConsumerMember(server.client, `${GROUP}-${i}`));
      const groupKiB = await kibEach(server, GROUPS, () => inTurns(members, (member) => member.heartbeat(TOPIC)));
      const before = cpuSecondsOf(server.pids[0]!) ?? Number.NaN;
      for (let i = 0; i < HEARTBEAT_ROUNDS; i++) await inTurns(members, (member) => member.heartbeat());
      const seconds = (cpuSecondsOf(server.pids[0]!) ?? Number.NaN) - before;
      return { groupKiB, heartbeatUs: (seconds * 1e6) / (GROUPS * HEARTBEAT_ROUNDS) };
    }),
};

const consumer: LifeScenario = {
  kind: 'life',
  hasWarmup: false,
  name: 'group-1000-consumer',
  about:
    'A group of the consumer protocol on a topic of 1,000 partitions grows from 999 to 1,000 members, all of which send heartbeats as fast as they are ' +
    'answered: until each owns one partition in the same epoch. Memory is what came with the 999.',
  metrics: ['rebalanceMs', 'memberKiB'],
  set: 'full',
  needsStorage: true,
  run: (context) =>
    withTopic(context, MEMBERS, async (server) => {
      await loadCoordinator(server);
      const members = Array.from({ length: MEMBERS - 1 }, () => new ConsumerMember(server.client, GROUP));
      const untilStable = (): Promise<boolean> =>
        retry('a stable group', STABLE_TIMEOUT_MS, POLL_MS, async () => {
          await inTurns(members, (member) => member.heartbeat());
          const owned = members.reduce((sum, { ownedPartitions }) => sum + ownedPartitions, 0);
          const isBalanced = members.every(
            ({ epoch, ownedPartitions }) => epoch === members[0]!.epoch && ownedPartitions > 0,
          );
          return isBalanced && owned === MEMBERS ? true : undefined;
        });
      const memberKiB = await kibEach(server, members.length, async () => {
        await inTurns(members, (member) => member.heartbeat(TOPIC));
        await untilStable();
      });
      const last = new ConsumerMember(server.client, GROUP);
      const start = now();
      await last.heartbeat(TOPIC);
      members.push(last);
      await untilStable();
      return { rebalanceMs: now() - start, memberKiB };
    }),
};

const classic: LifeScenario = {
  kind: 'life',
  hasWarmup: false,
  name: 'group-1000-classic',
  about:
    'A classic group grows from 999 to 1,000 members, each with a connection of its own, all of which send heartbeats: until each has joined again ' +
    'and got its part. Memory is what came with the 999 and their connections.',
  metrics: ['rebalanceMs', 'memberKiB'],
  set: 'full',
  needsStorage: true,
  run: (context) =>
    withTopic(context, 1, async (server) => {
      await loadCoordinator(server);
      const members: ClassicMember[] = [];
      const join = async (): Promise<ClassicMember> => {
        const member = new ClassicMember(await server.nodes[0]!.connect(), GROUP);
        members.push(member);
        return member;
      };
      const hasOneGeneration = (): boolean => members.every(({ generation }) => generation === members[0]!.generation);
      try {
        const memberKiB = await kibEach(server, MEMBERS - 1, async () => {
          for (let i = 1; i < MEMBERS; i++) await join();
          await Promise.all(members.map((member) => member.settle()));
          while (!hasOneGeneration())
            await Promise.all(members.map(async (member) => (await member.isStable()) || member.settle()));
        });
        const others = [...members];
        const last = await join();
        const start = now();
        await Promise.all([last.settle(), ...others.map((member) => member.resettle(POLL_MS))]);
        if (!hasOneGeneration()) throw new Error('the group was balanced more than once');
        return { rebalanceMs: now() - start, memberKiB };
      } finally {
        for (const member of members) member.close();
      }
    }),
};

export const groupScenarios: readonly LifeScenario[] = [many, consumer, classic];
