/** The cluster as its tools show it: log folders, features, the metadata quorum, versions, and the tools of rarer use. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type BrokerProcess, scratchFolder } from '../harness.ts';
import { compareWithJvm, type Session } from './transcript.ts';

/** Brokers make the folder of a new partition a moment after it can be seen. */
async function untilKept(s: Session, partition: string): Promise<void> {
  for (let i = 0; i < 50; i++) {
    const { stdout } = await s.tool('log-dirs', '--describe', { unrecorded: true });
    if (stdout.includes(`"${partition}"`)) return;
  }
  assert.fail(`${partition} is in no log directory`);
}

test('the cluster is described as the JVM broker does it', { timeout: 120_000 }, (t) =>
  compareWithJvm(t, async (s) => {
    await s.tool('cluster', 'cluster-id');
    await s.tool('cluster', 'list-endpoints', { mask: [[/ +/g, ' ']] });
    await s.tool('cluster', 'unregister --id 77');
    await s.tool('topics', '--create --topic t');
    await untilKept(s, 't-0');
    await s.tool('log-dirs', '--describe', { mask: [[/"size":\d+/g, '"size":N']] });
    await s.tool('log-dirs', '--describe --topic-list t');
    await s.tool('log-dirs', '--describe --broker-list 1,5');
    await s.tool('log-dirs', '--describe --topic-list nowhere');

    await s.tool('features', 'describe', { mask: [[/Epoch: \d+/g, 'Epoch: N']] });
    await s.tool('features', 'upgrade --release-version 4.3');
    await s.tool('features', 'downgrade --feature transaction.version=1 --dry-run');
    await s.tool('features', 'upgrade --feature no.such=1');
    await s.tool('features', 'upgrade --feature group.version=9');
    await s.tool('features', 'downgrade --feature transaction.version=1');
    await s.tool('features', 'describe', { mask: [[/Epoch: \d+/g, 'Epoch: N']] });
    await s.tool('features', 'upgrade --feature transaction.version=2');
    await s.tool('features', 'disable --feature share.version');

    const volatile: [RegExp, string][] = [
      [/\b(ClusterId|LeaderId|LeaderEpoch|HighWatermark|MaxFollowerLag|MaxFollowerLagTimeMs): +(\S+)/g, '$1: N'],
      [/"directoryId": "[\w-]{22}"/g, '"directoryId": "ID"'],
      [/^1\s+[\w-]{22}\s+\d+\s+\d+\s+\d+\s+\d+\s+/gm, '1 ID END LAG FETCHED CAUGHT-UP '],
      [/ +/g, ' '],
    ];
    await s.tool('metadata-quorum', 'describe --status', { mask: volatile });
    await s.tool('metadata-quorum', 'describe --replication', { mask: volatile });
  }),
);

test('partitions are reassigned and leaders elected as the JVM broker does it', { timeout: 120_000 }, async (t) => {
  const folder = await scratchFolder(t);
  const mask: [RegExp, string][] = [[new RegExp(folder, 'g'), 'FOLDER']];
  await compareWithJvm(t, async (s) => {
    await s.tool('topics', '--create --topic t --partitions 2');
    await s.tool('leader-election', '--election-type preferred --topic t --partition 0', { mask });
    await s.tool('leader-election', '--election-type preferred --all-topic-partitions', { mask });
    await s.tool('leader-election', '--election-type unclean --topic t --partition 1', { mask });
    await s.tool('leader-election', '--election-type preferred --topic nowhere --partition 0', { mask });
    const plan = join(folder, 'plan.json');
    const topics = join(folder, 'topics.json');
    await writeFile(topics, '{"version":1,"topics":[{"topic":"t"}]}');
    await s.tool('reassign-partitions', `--generate --broker-list 1 --topics-to-move-json-file ${topics}`, { mask });
    await writeFile(plan, '{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[1],"log_dirs":["any"]}]}');
    await s.tool('reassign-partitions', `--execute --reassignment-json-file ${plan}`, { mask });
    await s.tool('reassign-partitions', `--verify --reassignment-json-file ${plan}`, { mask });
    await s.tool('reassign-partitions', '--list', { mask });
    await s.tool('reassign-partitions', `--cancel --reassignment-json-file ${plan}`, { mask });
    await writeFile(plan, '{"version":1,"partitions":[{"topic":"t","partition":0,"replicas":[7]}]}');
    await s.tool('reassign-partitions', `--execute --reassignment-json-file ${plan}`, { mask });
    await s.tool('topics', '--describe --topic t');
  });
});

const spaces: [RegExp, string][] = [[/[ \t]+/g, ' ']];

/** Tools of rarer use: what each needs, and what is asked of it. */
const rarer: Readonly<Record<string, readonly [readonly string[], (s: Session) => Promise<unknown>]>> = {
  producers: [
    ['DescribeProducers'],
    async (s) => {
      await s.tool('topics', '--create --topic t');
      await s.tool('transactions', 'describe-producers --topic t --partition 0', { mask: spaces });
    },
  ],
  transactions: [
    ['ListTransactions', 'DescribeTransactions'],
    async (s) => {
      await s.tool('transactions', 'list', { mask: spaces });
      await s.tool('transactions', 'describe --transactional-id none', { mask: spaces });
    },
  ],
  'access control lists': [
    ['DescribeAcls', 'CreateAcls', 'DeleteAcls'],
    async (s) => {
      await s.tool('acls', '--list');
      await s.tool('acls', '--add --allow-principal User:a --operation Read --topic t');
      await s.tool('acls', '--remove --force --topic t');
    },
  ],
  'delegation tokens': [
    ['DescribeDelegationToken'],
    (s) => s.tool('delegation-tokens', '--describe --command-config /dev/null'),
  ],
  'share groups': [
    ['ShareGroupDescribe'],
    async (s) => {
      await s.tool('share-groups', '--list', { mask: spaces });
      await s.tool('share-groups', '--describe --group none', { mask: spaces });
    },
  ],
  'streams groups': [['StreamsGroupDescribe'], (s) => s.tool('streams-groups', '--list', { mask: spaces })],
};

for (const [name, [needs, ask]] of Object.entries(rarer)) {
  const script = async (s: Session): Promise<void> => {
    await ask(s);
  };
  test(`${name} are shown as the JVM broker does it`, { timeout: 60_000 }, (t) => compareWithJvm(t, script, { needs }));
}

test('an offline look at the files of the broker', { timeout: 120_000 }, (t) =>
  compareWithJvm(t, async (s) => {
    await s.tool('topics', '--create --topic t');
    for (const codec of ['none', 'gzip', 'lz4']) {
      await s.tool('console-producer', `--topic t --compression-codec ${codec} --batch-size 100000 --timeout 200`, {
        input: 'a\nb\nc\n',
      });
    }
    const segment = join(s.broker.dataDir, 't-0', '00000000000000000000.log');
    await readFile(segment);
    const dumped = await s.jvm.run('dump-log', ['--files', segment, '--print-data-log', '--deep-iteration']);
    s.record('dump-log', dumped, {
      mask: [
        [/CreateTime: \d+/g, 'CreateTime: NOW'],
        [/(crc|size|position|producerId|payload|sizeInBytes): ?\d+/g, '$1: N'],
      ],
    });
  }),
);

test('the API versions are those of the JVM broker, for every API that is served', { timeout: 60_000 }, async (t) => {
  const versions = new Map<BrokerProcess, readonly string[]>();
  await compareWithJvm(t, async (s) => {
    const { stdout } = await s.tool('broker-api-versions', '', { unrecorded: true });
    versions.set(s.broker, stdout.match(/^\t\w+\(\d+\): .*?(?=,?$)/gm) ?? []);
  });
  if (versions.size === 0) return;
  const [theirs = [], ours = []] = versions.values();
  const nameOf = (line: string): string => line.split(':')[0] ?? '';
  const unserved = new Set(ours.filter((line) => line.endsWith('UNSUPPORTED')).map(nameOf));
  const served = (lines: readonly string[]) => lines.filter((line) => !unserved.has(nameOf(line)));
  assert.ok(served(theirs).length > 30);
  assert.deepEqual(served(ours), served(theirs));
});
