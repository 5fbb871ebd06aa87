/**
 * Our share coordinator against Kafka's own shard: the same random requests, the same records, byte for byte, and the same responses.
 *
 * More worlds: SEEDS=500.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Random, seededRandom } from '@skarab/base';
import { ApiKey, apiCodecs, apiInfo, Writer } from '@skarab/protocol';
import { type KafkaJvm, requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { parseSharePartitionKey, type ShareStateRequest, type ShareStateRequestKind } from '../src/index.ts';
import { partitionForSharePartition } from '../src/share/share-partition-key.ts';
import { ShareHost } from './share-host.ts';

const apiKeys: Readonly<Record<ShareStateRequestKind, ApiKey>> = {
  initialize: ApiKey.INITIALIZE_SHARE_GROUP_STATE,
  read: ApiKey.READ_SHARE_GROUP_STATE,
  write: ApiKey.WRITE_SHARE_GROUP_STATE,
  delete: ApiKey.DELETE_SHARE_GROUP_STATE,
  readSummary: ApiKey.READ_SHARE_GROUP_STATE_SUMMARY,
};
const kinds: readonly ShareStateRequestKind[] = [
  'initialize',
  'read',
  'write',
  'write',
  'write',
  'write',
  'delete',
  'readSummary',
];
const topicIds = ['BBBBBBBBBBBBBBBBBBBBBA', 'CBBBBBBBBBBBBBBBBBBBBA', 'ABBBBBBBBBBBBBBBBBBBBA'];
const COLD_MS = 1000;

/** A command for the oracle, and what we did. */
interface Step {
  readonly command: string;
  readonly expected: readonly string[];
}

function encoded(kind: ShareStateRequestKind, side: 'request' | 'response', message: object): string {
  const writer = new Writer();
  const { max } = apiInfo(apiKeys[kind])!.validVersions;
  apiCodecs.get(apiKeys[kind])![side].encode(writer, message, max);
  return Buffer.from(writer.toBytes()).toString('hex');
}

/** A request for one partition with whatever its kind may hold; fields of other kinds are not encoded. */
function randomRequest(random: Random, kind: ShareStateRequestKind): ShareStateRequest<ShareStateRequestKind> {
  const stateBatches = Array.from({ length: random.int(4) }, () => {
    const firstOffset = BigInt(random.int(30));
    return {
      firstOffset,
      lastOffset: firstOffset + BigInt(random.int(8)),
      deliveryState: [0, 2, 4][random.int(3)]!,
      deliveryCount: random.int(4),
    };
  });
  const startOffset = random.int(3) === 0 ? BigInt(random.int(30)) : -1n;
  const partition = {
    partition: random.int(12) === 0 ? random.int(6) - 2 : random.int(2),
    stateEpoch: random.int(4) - 1,
    leaderEpoch: random.int(6) - 1,
    startOffset,
    deliveryCompleteCount: random.int(20) - 1,
    stateBatches,
  };
  const topicId = topicIds[random.int(20) === 0 ? 2 : random.int(2)]!;
  const request = { groupId: random.int(2) === 0 ? 'g' : 'a:b', topics: [{ topicId, partitions: [partition] }] };
  assert.ok(kind in apiKeys);
  return request;
}

function world(seed: number): Step[] {
  const random = seededRandom(seed);
  const updates = random.int(5);
  const host = new ShareHost({ snapshotUpdateRecordsPerSnapshot: updates });
  const steps: Step[] = [{ command: `new ${updates} ${COLD_MS}`, expected: [] }];
  for (let step = 0; step < 200; step++) {
    host.nowMs += random.int(100);
    const before = host.log.length;
    const kind = kinds[random.int(kinds.length)]!;
    const request = randomRequest(random, kind);
    const { max } = apiInfo(apiKeys[kind])!.validVersions;
    const command = `${kind} ${host.nowMs} ${max} ${encoded(kind, 'request', request)}`;
    const response = host.request(kind, request as never)!;
    steps.push({
      command,
      expected: [...host.recordsFrom(before), `response ${encoded(kind, 'response', response)}`],
    });
    steps.push({ command: 'redundant', expected: [`redundant ${host.redundantOffset() ?? -1}`] });
  }
  return steps;
}

/** One group alone, so that the order of the snapshots does not depend on Java's hash maps. */
function coldWorld(seed: number): Step[] {
  const random = seededRandom(seed);
  const host = new ShareHost({ snapshotUpdateRecordsPerSnapshot: 3, coldPartitionSnapshotIntervalMs: COLD_MS });
  const steps: Step[] = [{ command: `new 3 ${COLD_MS}`, expected: [] }];
  for (let step = 0; step < 60; step++) {
    const kind = random.int(8) === 0 ? 'initialize' : 'write';
    const request = {
      groupId: 'g',
      topics: randomRequest(random, kind).topics.map((topic) => ({ ...topic, topicId: topicIds[0]! })),
    };
    for (const topic of request.topics) for (const partition of topic.partitions) partition.partition = 0;
    const before = host.log.length;
    const { max } = apiInfo(apiKeys[kind])!.validVersions;
    const command = `${kind} ${host.nowMs} ${max} ${encoded(kind, 'request', request)}`;
    const response = host.request(kind, request as never)!;
    steps.push({ command, expected: [...host.recordsFrom(before), `response ${encoded(kind, 'response', response)}`] });
    if (random.int(3) !== 0) continue;
    const next = host.nextDeadlineMs()!;
    const length = host.log.length;
    host.advanceTo(next);
    steps.push({ command: `cold ${next}`, expected: host.recordsFrom(length) });
  }
  return steps;
}

async function compare(jvm: KafkaJvm, steps: readonly Step[]): Promise<void> {
  const classes = await jvm.compile(join(import.meta.dirname, 'java', 'ShareStateOracle.java'));
  const { code, stdout, stderr } = await jvm.runClass('org.apache.kafka.coordinator.share.ShareStateOracle', [], {
    classes,
    input: `${steps.map(({ command }) => command).join('\n')}\n`,
    timeoutMs: 120_000,
  });
  assert.equal(code, 0, stderr);
  const answers: string[][] = [[]];
  for (const line of stdout.split('\n'))
    if (line === '.') answers.push([]);
    else answers.at(-1)!.push(line);
  for (const [index, { command, expected }] of steps.entries())
    assert.deepEqual(expected, answers[index], `step ${index}: ${command}`);
}

test('random requests go as on the JVM', { timeout: 180_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const seeds = Array.from({ length: Number(process.env['SEEDS'] ?? 40) }, (_, index) => index + 1);
  await compare(jvm, [...seeds.flatMap(world), ...seeds.flatMap(coldWorld)]);
});

test('keys are kept where the JVM keeps them', { timeout: 60_000 }, async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const random = seededRandom(1);
  const keys = Array.from({ length: 200 }, () => `g${random.int(1e6)}:x:${topicIds[random.int(3)]}:${random.int(100)}`);
  const steps = keys.map((text) => {
    const key = parseSharePartitionKey(text)!;
    return { command: `place ${text}`, expected: [`place ${partitionForSharePartition(key, 50)}`] };
  });
  await compare(jvm, [{ command: 'new 1 1', expected: [] }, ...steps]);
});
