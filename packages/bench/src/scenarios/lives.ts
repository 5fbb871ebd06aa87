/**
 * Whole lives of a server: cold start, a thousand partitions, memory. Each run has a server of its own.
 */
import { residentOf } from '../process/proc-stat.ts';
import { now, pause, retry } from '../process/time.ts';
import type { Measurement } from '../report/metrics.ts';
import { Server } from '../systems/server.ts';
import { append, awaitLed, createTopic, type TopicName } from '../wire/topics.ts';
import type { LifeContext, LifeScenario } from './scenario.ts';

const TOPIC = 'life';
const APPEND_TIMEOUT_MS = 60_000;
const MANY_PARTITIONS = 1000;
/** Metadata of a thousand partitions is no small answer: asking more often would be a load of its own. */
const POLL_MANY_MS = 20;
const SETTLE_MS = 3000;

/** Runs `body` with a fresh server that is not started, and removes it; with `keepsFolder` its folder stays until the program ends. */
async function withServer(
  context: LifeContext,
  body: (server: Server) => Promise<Measurement>,
  { keepsFolder = false } = {},
): Promise<Measurement> {
  const server = await Server.create(context.system, context.workFolder);
  try {
    return await body(server);
  } finally {
    await (keepsFolder ? server.kill() : server.discard());
  }
}

/** Waits until every partition takes a record; returns the milliseconds since `start`. */
async function untilServed(server: Server, partitions: number, pollMs: number, start: number): Promise<number> {
  const topic: TopicName = await awaitLed(server.client, TOPIC, partitions, pollMs);
  const all = Array.from({ length: partitions }, (_, index) => index);
  await retry('an acknowledgement', APPEND_TIMEOUT_MS, pollMs, async () => {
    return (await append(server.client, topic, all)).length === partitions ? true : undefined;
  });
  return now() - start;
}

const coldStart: LifeScenario = {
  kind: 'life',
  hasWarmup: true,
  name: 'cold-start',
  about:
    'From the start of the process with a freshly formatted folder until a topic is created and a first record is acknowledged with acks all.',
  metrics: ['firstAckMs'],
  set: 'quick',
  needsStorage: false,
  run: (context) =>
    withServer(context, async (server) => {
      await server.start();
      await retry('a topic', APPEND_TIMEOUT_MS, 1, async () => {
        await createTopic(server.client, TOPIC, 1);
        return true;
      });
      return { firstAckMs: await untilServed(server, 1, 1, server.spawnedAtMs) };
    }),
};

const thousandPartitions: LifeScenario = {
  kind: 'life',
  hasWarmup: false,
  name: 'partitions-1000',
  about:
    'A topic of 1,000 partitions: from its creation until all have leaders and a record; the server is stopped in order and started, then ' +
    'killed with -9 and started, each time until all partitions have leaders and have taken another record.',
  metrics: ['createMs', 'cleanStopMs', 'cleanRestartMs', 'killRestartMs', 'rssMiB'],
  set: 'full',
  needsStorage: true,
  run: (context) =>
    withServer(
      context,
      async (server) => {
        await server.start();
        const start = now();
        await createTopic(server.client, TOPIC, MANY_PARTITIONS);
        const createMs = await untilServed(server, MANY_PARTITIONS, POLL_MANY_MS, start);
        const rssMiB = residentOf(server.pids[0]!)?.nowMiB;
        const cleanStopMs = await server.stop();
        await server.start();
        const cleanRestartMs = await untilServed(server, MANY_PARTITIONS, POLL_MANY_MS, server.spawnedAtMs);
        await server.kill();
        await server.start();
        const killRestartMs = await untilServed(server, MANY_PARTITIONS, POLL_MANY_MS, server.spawnedAtMs);
        return { createMs, cleanStopMs, cleanRestartMs, killRestartMs, ...(rssMiB !== undefined && { rssMiB }) };
      },
      // Thousands of files that were deleted a moment ago would slow down the next run's creations.
      { keepsFolder: true },
    ),
};

const memory: LifeScenario = {
  kind: 'life',
  hasWarmup: false,
  name: 'memory',
  about:
    'Resident memory of a fresh server at rest, after four producers and a consumer as fast as possible (records of 1 KiB, 12 partitions), ' +
    'and the highest in between.',
  metrics: ['rssIdleMiB', 'rssMiB', 'rssPeakMiB'],
  set: 'quick',
  needsStorage: true,
  run: (context) =>
    withServer(context, async (server) => {
      await server.start();
      await pause(SETTLE_MS);
      const idle = residentOf(server.pids[0]!);
      await createTopic(server.client, TOPIC, 12);
      await awaitLed(server.client, TOPIC, 12);
      const { seconds } = context.effort;
      const options = { bootstrap: server.bootstrap, topic: TOPIC, partitions: 12, clients: 4, seconds: seconds * 2 };
      await context.loads.driver.ask('tail', options, 600_000);
      await pause(SETTLE_MS);
      const after = residentOf(server.pids[0]!);
      if (idle === undefined || after === undefined) return {};
      return { rssIdleMiB: idle.nowMiB, rssMiB: after.nowMiB, rssPeakMiB: after.peakMiB };
    }),
};

export const lifeScenarios: readonly LifeScenario[] = [coldStart, thousandPartitions, memory];
