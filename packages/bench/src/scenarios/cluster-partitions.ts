/**
 * The life of a cluster with very many partitions: three nodes, three replicas of everything.
 */
import { descriptorsOf, residentOf } from '../process/proc-stat.ts';
import { now, pause } from '../process/time.ts';
import { lastSnapshotMs } from '../systems/metadata-snapshots.ts';
import { Server } from '../systems/server.ts';
import { appendOneEach, type Clients } from '../wire/one-each.ts';
import { awaitLed, createTopic } from '../wire/topics.ts';
import type { LifeScenario } from './scenario.ts';

/** Kafka makes at most 9,999 partitions in one request. */
const TOPICS = ['many-a', 'many-b'];
const NODES = 3;
const PARTITIONS_EACH = 5000;
/** Metadata of ten thousand partitions is no small answer: asking more often would be a load of its own. */
const POLL_MS = 200;
const SETTLE_MS = 5000;
const IN_SYNC_TIMEOUT_MS = 300_000;

const clientsOf = ({ nodes }: Server): Clients => new Map(nodes.map(({ id, client }) => [id, client]));

const total = (values: readonly (number | undefined)[]): number =>
  values.reduce<number>((sum, value) => sum + (value ?? Number.NaN), 0);

/** So that what makes ten thousand partitions is followed by a snapshot of them. */
const PROPERTIES = { 'metadata.log.max.record.bytes.between.snapshots': '1000000' };

/** Milliseconds since `start` until every partition has taken a record. */
async function untilServed(clients: Clients, start: number): Promise<number> {
  for (const topic of TOPICS) await appendOneEach(clients, topic, PARTITIONS_EACH, POLL_MS);
  return now() - start;
}

/** Everything is replicated, and has come to rest. */
async function untilQuiet(server: Server): Promise<void> {
  for (const topic of TOPICS) await awaitLed(server.client, topic, PARTITIONS_EACH, POLL_MS, IN_SYNC_TIMEOUT_MS);
  await pause(SETTLE_MS);
}

export const clusterPartitions: LifeScenario = {
  kind: 'life',
  hasWarmup: false,
  name: 'cluster-partitions',
  about:
    'Three combined nodes, two topics of 5,000 partitions, RF 3, min ISR 2: until each has acknowledged a record with acks all after its creation; ' +
    'after kill -9 of one node, which leads a third of them; after a clean stop and start of all nodes; after kill -9 and start of all. ' +
    'Memory and open files of all nodes together; how long the slowest node wrote its snapshot of the metadata.',
  metrics: [
    'createMs',
    'failoverMs',
    'cleanStopMs',
    'cleanRestartMs',
    'killRestartMs',
    'rssMiB',
    'descriptors',
    'snapshotMs',
  ],
  set: 'full',
  needsStorage: true,
  run: async ({ system, workFolder }) => {
    const server = await Server.create(system, workFolder, NODES, PROPERTIES);
    try {
      await server.start();
      const createdAt = now();
      for (const topic of TOPICS) await createTopic(server.client, topic, PARTITIONS_EACH, NODES);
      const createMs = await untilServed(clientsOf(server), createdAt);
      await untilQuiet(server);
      const rssMiB = total(server.pids.map((pid) => residentOf(pid)?.nowMiB));
      const descriptors = total(server.pids.map(descriptorsOf));
      const snapshotMs = Math.max(...server.nodes.map(({ dataDir }) => lastSnapshotMs(dataDir)));

      const victim = server.nodes.at(-1)!;
      const others = new Map([...clientsOf(server)].filter(([id]) => id !== victim.id));
      const killedAt = now();
      await victim.kill();
      const failoverMs = await untilServed(others, killedAt);
      await victim.start(NODES);
      await untilQuiet(server);

      const cleanStopMs = await server.stop();
      const startedAt = now();
      await server.start();
      const cleanRestartMs = await untilServed(clientsOf(server), startedAt);
      await untilQuiet(server);

      await server.kill();
      const restartedAt = now();
      await server.start();
      const killRestartMs = await untilServed(clientsOf(server), restartedAt);
      return { createMs, failoverMs, cleanStopMs, cleanRestartMs, killRestartMs, rssMiB, descriptors, snapshotMs };
    } finally {
      // Thousands of files that were deleted a moment ago would slow down the next run's creations.
      await server.kill();
    }
  },
};
