/**
 * MirrorMaker 2 between two nodes: a topic, its records and its configurations, and the committed offsets of a group arrive in the other
 * cluster, each record once although the mirror is killed; beside two nodes of the JVM's.
 */
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder, writeProperties } from '../harness.ts';
import { JavaProcess } from './java-process.ts';
import { compareWithJvm, type Session } from './transcript.ts';

const RECORDS = 200;
/** Far more than a slow machine needs. */
const WAIT_MS = 120_000;

const properties = {
  'offsets.topic.num.partitions': '2',
  'transaction.state.log.num.partitions': '2',
  'group.min.session.timeout.ms': '1000',
};

const replicated = ['', 'checkpoints.topic.', 'heartbeats.topic.', 'offset-syncs.topic.'];
const stored = ['config', 'offset', 'status'].map((kind) => `${kind}.storage.`);

/** A mirror from cluster a to cluster b that is quick to see what is new. */
function mirrorProperties(a: Session, b: Session): Record<string, string> {
  return {
    clusters: 'a,b',
    'a.bootstrap.servers': a.bootstrapServers,
    'b.bootstrap.servers': b.bootstrapServers,
    'a->b.enabled': 'true',
    'b->a.enabled': 'false',
    'b->a.emit.heartbeats.enabled': 'false',
    topics: 'orders',
    groups: 'readers',
    'tasks.max': '1',
    'sync.group.offsets.enabled': 'true',
    'sync.group.offsets.interval.seconds': '1',
    'emit.checkpoints.interval.seconds': '1',
    'refresh.topics.interval.seconds': '1',
    'refresh.groups.interval.seconds': '1',
    'offset.lag.max': '0',
    'b.exactly.once.source.support': 'enabled',
    'b.session.timeout.ms': '5000',
    'b.heartbeat.interval.ms': '500',
    'b.scheduled.rebalance.max.delay.ms': '0',
    'b.offset.flush.interval.ms': '500',
    'offset.storage.partitions': '2',
    'status.storage.partitions': '2',
    ...Object.fromEntries([...replicated, ...stored].map((topic) => [`${topic}replication.factor`, '1'])),
  };
}

/** A batch of keyed records, each once in the life of the topic. */
function batch(part: string): string {
  return Array.from({ length: RECORDS }, (_, i) => `k${i}\t${part} ${i}\n`).join('');
}

/** Whether the group has so many records behind it in the other cluster, and before it but the marker of their transaction. */
async function hasCaughtUp(s: Session, records: number): Promise<boolean> {
  const { stdout } = await s.tool('consumer-groups', '--describe --group readers', { unrecorded: true });
  const rows = [...stdout.matchAll(/^readers +a\.orders +\d+ +(\d+) +\d+ +(\d+) /gm)];
  const offsets = rows.reduce((sum, [, offset]) => sum + Number(offset), 0);
  return offsets >= records && rows.every(([, , lag]) => Number(lag) <= 1);
}

test('records and offsets of a group arrive in the other cluster', { timeout: 300_000 }, (t) => {
  const script = async (a: Session, b: Session): Promise<void> => {
    const file = await writeProperties(join(await scratchFolder(t), 'mirror.properties'), mirrorProperties(a, b));
    const mirror = (): JavaProcess => new JavaProcess(t, a.jvm, 'connect-mirror-maker', [file]);
    const say = (part: string) =>
      a.tool('console-producer', '--topic orders --reader-property parse.key=true', {
        input: batch(part),
        unrecorded: true,
      });
    /** The group reads so many records more. */
    const read = (s: Session, topic: string, count: number) =>
      s.tool('console-consumer', `--topic ${topic} --group readers --from-beginning --max-messages ${count}`, {
        sorted: true,
        timeoutMs: WAIT_MS,
      });
    const caughtUp = (process: JavaProcess, count: number): Promise<void> =>
      process.until(() => hasCaughtUp(b, count), `the group has read ${count} there`, WAIT_MS);

    await a.tool('topics', '--create --topic orders --partitions 2 --config retention.ms=86400000');
    await say('first');
    await read(a, 'orders', RECORDS);
    let running = mirror();
    await caughtUp(running, RECORDS);
    await say('second');
    await read(a, 'orders', RECORDS);
    await caughtUp(running, 2 * RECORDS);
    await running.kill();

    await say('third');
    running = mirror();
    // Whoever moves to the other cluster goes on where the group was.
    await read(b, 'a.orders', RECORDS);
    await running.stop();
    const all = `--topic a.orders --from-beginning --isolation-level read_committed --max-messages ${3 * RECORDS}`;
    await b.tool('console-consumer', `${all} --formatter-property print.key=true --timeout-ms 20000`, { sorted: true });
    for (const s of [a, b]) await s.tool('topics', '--list', { sorted: true });
    await b.tool('topics', '--describe --topic a.orders');
    for (const kind of ['configs', 'offsets', 'status'])
      await b.tool('topics', `--describe --topic mm2-${kind}.a.internal`);
    await b.tool('topics', '--describe --topic a.checkpoints.internal');
    await a.tool('topics', '--describe --topic mm2-offset-syncs.b.internal');
  };
  return compareWithJvm(t, script, { properties, brokers: 2 });
});
