/**
 * Kafka Streams with `group.protocol=streams`: the word count of the official library, with one instance, two, and one of them killed; and what
 * kafka-streams-groups.sh says and does, beside the JVM's broker.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireKafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { scratchFolder, testOnBoth } from '../harness.ts';
import { compareWithJvm, type Session } from './transcript.ts';
import { WordCount } from './word-count.ts';

const quick = {
  'group.streams.initial.rebalance.delay.ms': '500',
  'group.streams.min.session.timeout.ms': '1000',
  'group.streams.session.timeout.ms': '3000',
  'group.streams.min.heartbeat.interval.ms': '200',
  'group.streams.heartbeat.interval.ms': '300',
  'group.streams.assignment.interval.ms': '200',
  'group.streams.num.standby.replicas': '0',
  'offsets.topic.num.partitions': '2',
};

testOnBoth(
  'the word count goes on when a member joins and one is killed',
  { timeout: 170_000 },
  async (t, startBroker) => {
    const jvm = await requireKafkaJvm(t);
    const broker = jvm && (await startBroker(quick));
    if (jvm === undefined || broker === undefined) return;
    const start = async (): Promise<WordCount> => {
      const stateFolder = await scratchFolder(t);
      return WordCount.start(t, jvm, { bootstrapServers: broker.bootstrapServers, application: 'words', stateFolder });
    };
    const tools = jvm.toolServer();
    t.after(() => tools.close());
    const server = ['--bootstrap-server', broker.bootstrapServers];
    const tool = async (name: string, args: string, input?: string): Promise<string> => {
      const result = await tools.tool(name, [...server, ...args.split(' ')], input === undefined ? {} : { input });
      assert.equal(result.code, 0, `${name} ${args}\n${result.stdout}${result.stderr}`);
      return result.stdout;
    };
    const say = (text: string): Promise<string> => tool('console-producer', '--topic lines', text);
    /** The newest count of each word. */
    const counts = async (records: number): Promise<Record<string, string>> => {
      const args = `--topic counts --from-beginning --formatter-property print.key=true --max-messages ${records} --timeout-ms 20000`;
      const lines = (await tool('console-consumer', args)).trim().split('\n');
      assert.equal(lines.length, records);
      return Object.fromEntries(lines.map((line) => line.split('\t') as [string, string]));
    };
    const tasks = async (): Promise<string[][]> => {
      const text = await tool('streams-groups', '--describe --group words --members');
      const lines = text.split('\n').filter((line) => line.startsWith('words'));
      return lines.map((line) => [...line.matchAll(/\b\d+:\[([\d,]*)\]/g)].map((match) => match[0]));
    };

    await tool('topics', '--create --topic lines --partitions 2');
    await tool('topics', '--create --topic counts --partitions 1');
    const first = await start();
    await say('a b a\nc a\n');
    assert.deepEqual(await counts(5), { a: '3', b: '1', c: '1' });
    const topics = (await tool('topics', '--list')).trim().split('\n');
    const internal = topics.filter((topic) => topic.startsWith('words-'));
    assert.deepEqual(internal.sort(), ['words-store-changelog', 'words-store-repartition']);

    const second = await start();
    await second.until(async () => {
      const members = await tasks();
      return members.length === 2 && members.every((own) => own.length > 0);
    }, 'both have tasks');
    await say('a b\nd a\n');
    assert.deepEqual(await counts(9), { a: '5', b: '2', c: '1', d: '1' });

    await first.kill();
    await second.until(async () => (await tasks()).length === 1, 'the dead member is out');
    await say('a e\n');
    assert.deepEqual(await counts(11), { a: '6', b: '2', c: '1', d: '1', e: '1' });
    await second.close();
  },
);

test('kafka-streams-groups.sh says and does the same', { timeout: 170_000 }, (t) => {
  const mask: [RegExp, string][] = [
    [/ +/g, ' '],
    [/\bconsole-consumer-\d+/g, 'CONSOLE'],
    [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, 'UUID'],
    [/(?<= )[\w-]{22}(?= )/g, 'ID'],
    [/GROUP_EPOCH \d+/g, 'GROUP_EPOCH'],
  ];
  const script = async (s: Session): Promise<void> => {
    const groups = (args: string) => s.tool('streams-groups', args, { mask, sorted: true });
    await s.tool('topics', '--create --topic lines --partitions 2');
    await s.tool('topics', '--create --topic counts --partitions 1');
    const place = { bootstrapServers: s.bootstrapServers, stateFolder: await scratchFolder(t) };
    const instance = await WordCount.start(t, s.jvm, { ...place, application: 'words' });
    await s.tool('console-producer', '--topic lines', { input: 'a b a\n' });
    const read = '--topic counts --from-beginning --max-messages 3 --timeout-ms 20000';
    await s.tool('console-consumer', read, { sorted: true });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await groups('--list');
    await groups('--list --state');
    await groups('--list --state stable');
    await groups('--describe --group words');
    await groups('--describe --group words --members');
    await groups('--describe --group words --members --verbose');
    await groups('--describe --group words --state');
    await groups('--describe --group words --state --verbose');
    await groups('--describe --group words --offsets');
    await groups('--describe --group nobody');
    await groups('--delete --group words');
    await groups('--reset-offsets --group words --input-topic lines --to-earliest --execute');
    await s.tool('groups', '--list', { mask, sorted: true });
    await instance.close();
    await groups('--describe --group words --state');
    await groups('--reset-offsets --group words --input-topic lines --to-earliest --dry-run');
    await groups('--reset-offsets --group words --input-topic lines --to-earliest --execute');
    await groups('--describe --group words --offsets');
    await groups('--delete-offsets --group words --input-topic lines');
    await groups('--delete --group words');
    await s.tool('topics', '--list', { sorted: true });
    await groups('--list');
  };
  return compareWithJvm(t, script, { needs: ['StreamsGroupHeartbeat', 'StreamsGroupDescribe'], properties: quick });
});
