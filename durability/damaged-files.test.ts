/**
 * A folder that was damaged while no broker ran: after a kill -9, and after a clean stop.
 *
 * What must come back: everything where nothing of the records is lost; else everything in front of the damage. Damage inside a segment
 * that recovery does not read may reach a client, but only with a checksum that tells so, or as an error: never as other records. And the
 * partition goes on: the next batch is appended behind what is there, and all of it can be read.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { requireKafkaJvm } from '../tools/kafka-jvm/jvm.ts';
import { connectTo, type Distribution, scratchFolder, skarab, startBroker } from '../tools/raw-client/brokers.ts';
import { damages } from './damage.ts';
import { appendAt, BATCH_RECORDS, fill, RECORDS, type Remains, readRemains, smallSegmentTopic } from './filled-log.ts';
import { createTopics } from './topics.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const TOPIC = 'damaged';

/** All is there; or what lies in front of the last segment at least; or damage that shows. */
type Expectation = 'all' | 'prefix' | 'shows';

interface Case {
  readonly damage: keyof typeof damages;
  readonly expect: Expectation;
}

const all = (...names: (keyof typeof damages)[]): Case[] => names.map((damage) => ({ damage, expect: 'all' }));
const prefix = (...names: (keyof typeof damages)[]): Case[] => names.map((damage) => ({ damage, expect: 'prefix' }));
const shows = (...names: (keyof typeof damages)[]): Case[] => names.map((damage) => ({ damage, expect: 'shows' }));

const harmless = all(
  'nothing',
  'noIndexes',
  'noIndexOfFirst',
  'oddIndexes',
  'emptyIndexes',
  'leftoverDeleted',
  'leftoverCleaned',
  'leftoverSwap',
  'strangeFiles',
  'noSnapshots',
  'randomSnapshots',
);

const afterKill: readonly Case[] = [
  ...harmless,
  ...all('zeroTail', 'garbageTail', 'garbageTail', 'zeroIndexes', 'randomIndexes', 'randomIndexes'),
  ...prefix('cutTail', 'cutTail', 'cutTail', 'cutTail', 'cutTailToNothing'),
  ...prefix('flipInLastSegment', 'flipInLastSegment', 'flipLengthInLastSegment', 'flipLengthInLastSegment'),
  ...prefix('magicToCome', 'oldestMagic'),
  ...prefix('flipBaseOffsetInLastSegment', 'flipBaseOffsetInLastSegment', 'flipBaseOffsetInLastSegment'),
  ...shows('flipInFirstSegment', 'flipLengthInFirstSegment'),
];

const afterStop: readonly Case[] = [
  ...harmless,
  ...prefix('cutTail', 'cutTail', 'cutTailToNothing'),
  ...shows('flipInLastSegment', 'flipInFirstSegment', 'flipInFirstSegment'),
  ...shows('flipLengthInFirstSegment', 'flipLengthInFirstSegment', 'flipLengthInFirstSegment'),
  ...all('randomIndexes', 'randomIndexes', 'zeroIndexes'),
];

/** After a clean stop Kafka reads the tail of a log without checking it, and refuses to start when it makes no sense. */
const refusable: readonly Case[] = [
  ...prefix('garbageTail', 'zeroTail'),
  ...shows('flipLengthInLastSegment', 'magicToCome', 'oldestMagic'),
];

const IN_FRONT_OF_LAST_SEGMENT = (RECORDS / 3) * 2;

async function brokerUnderTest(): Promise<Distribution> {
  if (process.env['SKARAB_DURABILITY_BROKER'] !== 'jvm') return skarab;
  return (await requireKafkaJvm()) ?? skarab;
}

async function damageAndRestart(t: TestContext, cases: readonly Case[], end: 'kill' | 'stop'): Promise<void> {
  t.diagnostic(`SEED=${SEED}`);
  const random = seededRandom(SEED);
  const distribution = await brokerUnderTest();
  const dataDir = await scratchFolder(t);
  const first = await startBroker(t, distribution, { dataDir });
  const writer = await connectTo(t, first.port);
  await createTopics(writer, [smallSegmentTopic(TOPIC, cases.length)]);
  await fill(writer, TOPIC, cases.length);
  await first[end]();

  for (const [partition, { damage }] of cases.entries())
    damages[damage](join(dataDir, `${TOPIC}-${partition}`), random);

  const second = await startBroker(t, distribution, { dataDir, format: false });
  const reader = await connectTo(t, second.port);
  for (const [partition, { damage, expect }] of cases.entries()) {
    await t.test(`partition ${partition}: ${damage}`, async () => {
      const remains = await readRemains(reader, TOPIC, partition);
      judge(remains, expect);
      if (expect === 'all' || expect === 'prefix') await goOn(reader, partition, remains);
    });
  }
  await t.test('leftovers are gone', () => {
    const left = cases.flatMap((_, partition) =>
      readdirSync(join(dataDir, `${TOPIC}-${partition}`)).filter((name) => /\.(?:cleaned|swap)$/.test(name)),
    );
    assert.deepEqual(left, []);
    assert(existsSync(join(dataDir, `${TOPIC}-0`, '00000000000000000000.log')));
  });
  await second.stop();
}

function judge(remains: Remains, expect: Expectation): void {
  const clean = { wrong: [], damaged: [], stuck: undefined };
  const { intact, damaged, wrong, right, highWatermark, stuck } = remains;
  if (expect === 'shows') {
    assert.deepEqual(wrong, [], JSON.stringify(remains));
    assert(
      right === RECORDS || damaged.length > 0 || stuck !== undefined || highWatermark < RECORDS,
      JSON.stringify(remains),
    );
    return;
  }
  assert.deepEqual({ wrong, damaged, stuck }, clean, JSON.stringify(remains));
  assert.equal(right, intact);
  assert.equal(highWatermark, intact);
  if (expect === 'all') assert.equal(intact, RECORDS);
  else assert(intact >= IN_FRONT_OF_LAST_SEGMENT && intact <= RECORDS, `${intact} records`);
}

/** The next batch follows, with the sequence number behind the last record that is left. */
async function goOn(
  client: Awaited<ReturnType<typeof connectTo>>,
  partition: number,
  { intact }: Remains,
): Promise<void> {
  await appendAt(client, TOPIC, new Map([[partition, intact]]), Date.now());
  const again = await readRemains(client, TOPIC, partition);
  assert.equal(again.intact, intact + BATCH_RECORDS, JSON.stringify(again));
  assert.equal(again.highWatermark, again.intact);
}

/** One damaged partition beside a good one: the broker says which file it is about, or it serves both. */
async function refuseOrServe(t: TestContext, { damage, expect }: Case): Promise<void> {
  const random = seededRandom(SEED);
  const distribution = await brokerUnderTest();
  const dataDir = await scratchFolder(t);
  const first = await startBroker(t, distribution, { dataDir });
  const writer = await connectTo(t, first.port);
  await createTopics(writer, [smallSegmentTopic(TOPIC, 2)]);
  await fill(writer, TOPIC, 2);
  await first.stop();
  const folder = join(dataDir, `${TOPIC}-1`);
  damages[damage](folder, random);

  let expected = expect;
  let outcome = await startBroker(t, distribution, { dataDir, format: false }).catch((error: Error) => error.message);
  if (typeof outcome === 'string') {
    assert.match(outcome, new RegExp(`${TOPIC}-1/0{18}80`), outcome);
    assert.doesNotMatch(outcome, /ReferenceError|TypeError|AssertionError/, outcome);
    // What an operator does then: have the log recovered as after a crash.
    rmSync(join(dataDir, '.kafka_cleanshutdown'), { force: true });
    outcome = await startBroker(t, distribution, { dataDir, format: false });
    expected = 'prefix';
  }
  const reader = await connectTo(t, outcome.port);
  judge(await readRemains(reader, TOPIC, 0), 'all');
  const remains = await readRemains(reader, TOPIC, 1);
  judge(remains, expected);
  if (expected === 'prefix') await goOn(reader, 1, remains);
  await outcome.stop();
}

test('files damaged after a kill -9', { timeout: 120_000 }, (t) => damageAndRestart(t, afterKill, 'kill'));
test('files damaged after a clean stop', { timeout: 120_000 }, (t) => damageAndRestart(t, afterStop, 'stop'));
for (const refused of refusable) {
  test(`${refused.damage} after a clean stop`, { timeout: 120_000 }, (t) => refuseOrServe(t, refused));
}
