/**
 * Kafka Streams with `processing.guarantee=exactly_once_v2`: a word count that is killed amid its work, and says each count exactly once to
 * who reads what is committed; in groups of both protocols, beside the JVM's broker.
 *
 * A successor that finds the folder of the dead fences its transaction; the last one has a new folder, hence another transactional id, and
 * can only wait until the coordinator aborts what the dead left open.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scratchFolder } from '../harness.ts';
import { compareWithJvm, type Session } from './transcript.ts';
import { WordCount } from './word-count.ts';

const LINES = 400;
const WORDS = 10;
const SESSION_TIMEOUT_MS = '3000';

const properties = {
  'offsets.topic.num.partitions': '2',
  'transaction.state.log.num.partitions': '2',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '300',
  'group.min.session.timeout.ms': '1000',
  'group.streams.initial.rebalance.delay.ms': '0',
  'group.streams.min.session.timeout.ms': '1000',
  'group.streams.session.timeout.ms': SESSION_TIMEOUT_MS,
  'group.streams.min.heartbeat.interval.ms': '200',
  'group.streams.heartbeat.interval.ms': '300',
  'group.streams.assignment.interval.ms': '200',
};

const settings = {
  'processing.guarantee': 'exactly_once_v2',
  'transaction.timeout.ms': '3000',
  'pause.ms': '2',
};

const classic = {
  'group.protocol': 'classic',
  'session.timeout.ms': SESSION_TIMEOUT_MS,
  'heartbeat.interval.ms': '500',
};

/** Markers of transactions, however many, have offsets too; a classic member of Kafka Streams that closes does not leave its group. */
const mask: [RegExp, string][] = [
  [/ +/g, ' '],
  [/ (counter-\S+ \S+ \S+|- - -)/g, ' MEMBER'],
  [/(repartition \d) \d+ \d+/g, '$1 N N'],
];

/** Keyed lines of two words each; every word comes equally often. */
const text = Array.from({ length: LINES }, (_, i) => `${i}\tw${i % WORDS} w${(i + 1) % WORDS}\n`).join('');

for (const [protocol, kills] of [
  ['classic', 2],
  ['streams', 1],
] as const) {
  test(`a killed word count is exact in a ${protocol} group`, { timeout: 300_000 }, (t) => {
    const script = async (s: Session): Promise<void> => {
      await s.tool('topics', '--create --topic lines --partitions 2');
      await s.tool('topics', '--create --topic counts --partitions 1');
      const say = (topic: string, input: string) =>
        s.tool('console-producer', `--topic ${topic} --reader-property parse.key=true`, { input, unrecorded: true });
      const start = (stateFolder: string): Promise<WordCount> => {
        const all = protocol === 'classic' ? { ...settings, ...classic } : settings;
        const place = { bootstrapServers: s.bootstrapServers, stateFolder };
        return WordCount.start(t, s.jvm, { ...place, application: 'words', settings: all });
      };
      /** Offsets of `counts` there are, with those of open transactions. */
      const written = async (): Promise<number> => {
        const { stdout } = await s.tool('get-offsets', '--topic counts', { unrecorded: true });
        return Number(stdout.trim().split(':').at(-1));
      };
      const folder = await scratchFolder(t);
      for (let killed = 0; killed < kills; killed++) {
        const before = await written();
        await say('lines', text);
        const instance = await start(folder);
        await instance.until(async () => (await written()) > before + LINES / 4, 'it is amid the lines');
        await instance.kill();
      }
      await say('lines', text);
      const last = await start(await scratchFolder(t));
      const total = (kills + 1) * 2 * LINES;
      const read = (count: number) => {
        const args = `--topic counts --from-beginning --isolation-level read_committed --max-messages ${count}`;
        const shown = '--formatter-property print.key=true --timeout-ms 60000';
        return s.tool('console-consumer', `${args} ${shown}`, { unrecorded: true, timeoutMs: 90_000 });
      };
      await read(total);
      await last.close();
      await say('counts', 'the\tend\n');
      const counts = (await read(total + 1)).stdout.trim().split('\n');
      assert.equal(counts.pop(), 'the\tend');
      for (let i = 0; i < WORDS; i++) {
        const own = counts.filter((line) => line.startsWith(`w${i}\t`));
        const expected = Array.from({ length: total / WORDS }, (_, n) => `w${i}\t${n + 1}`);
        assert.deepEqual(own, expected);
      }
      for (const kind of ['changelog', 'repartition']) await s.tool('topics', `--describe --topic words-store-${kind}`);
      await s.tool('topics', '--list', { sorted: true });
      await s.tool(
        protocol === 'classic' ? 'consumer-groups' : 'streams-groups',
        '--describe --group words --offsets',
        {
          mask,
          sorted: true,
        },
      );
    };
    return compareWithJvm(t, script, { properties });
  });
}
