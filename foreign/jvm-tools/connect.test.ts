/**
 * Kafka Connect in distributed mode with the file connectors: lines of one file arrive in another when the worker is started again in order and
 * when it is killed amid them, each exactly once in the topic between; beside the JVM's broker.
 */
import assert from 'node:assert/strict';
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../harness.ts';
import { brokerProperties, ConnectWorker, internalTopics } from './connect-worker.ts';
import { compareWithJvm, type Session } from './transcript.ts';

const LINES = 400;

/** Lines that tell which they are. */
function linesOf(part: string): string[] {
  return Array.from({ length: LINES }, (_, i) => `${part} ${i}`);
}

async function append(file: string, lines: readonly string[]): Promise<void> {
  await appendFile(file, `${lines.join('\n')}\n`);
}

test('lines go from file to file through a worker that is restarted and killed', { timeout: 300_000 }, (t) => {
  const script = async (s: Session): Promise<void> => {
    const folder = await scratchFolder(t);
    const place = { jvm: s.jvm, bootstrapServers: s.bootstrapServers, folder };
    const from = join(folder, 'from.txt');
    const to = join(folder, 'to.txt');
    const [first, second, third] = ['first', 'second', 'third'].map(linesOf) as [string[], string[], string[]];
    const all = [...first, ...second, ...third];
    const known = new Set([...all, 'end']);
    const mask: [RegExp, string][] = [
      [new RegExp(RegExp.escape(folder), 'g'), 'FOLDER'],
      [/console-consumer-\d+/g, 'CONSOLE'],
      [/ +/g, ' '],
      // Markers of transactions, however many, have offsets too.
      [/lines 0 \d+ \d+ \d+/g, 'lines 0 N N N'],
    ];
    const lines = async (): Promise<string[]> => (await readFile(to, 'utf8').catch(() => '')).split('\n').slice(0, -1);
    /** Lines in the order in which each came first. */
    const firsts = async (): Promise<string[]> => [...new Set(await lines())].filter((line) => known.has(line));
    const arrive = (worker: ConnectWorker, count: number): Promise<void> =>
      worker.until(async () => (await firsts()).length >= count, `${count} lines arrive`);

    await append(from, first);
    let worker = await ConnectWorker.start(t, place);
    await worker.create('source', { 'connector.class': 'FileStreamSource', file: from, topic: 'lines' });
    await worker.create('sink', { 'connector.class': 'FileStreamSink', file: to, topics: 'lines' });
    await arrive(worker, LINES);
    await worker.stop();
    await s.tool('consumer-groups', '--describe --group connect-sink', { mask });

    await append(from, second);
    worker = await ConnectWorker.start(t, place);
    await arrive(worker, 2 * LINES);
    assert.deepEqual(await lines(), [...first, ...second]);
    // Killed amid the first half: what the sink has seen may not even be committed by the source.
    await append(from, third.slice(0, LINES / 2));
    await arrive(worker, 2 * LINES + 1);
    await worker.kill();

    await append(from, third.slice(LINES / 2));
    worker = await ConnectWorker.start(t, place);
    await arrive(worker, all.length);
    // The source is exactly once; the sink says again what it had not committed when it was killed, maybe behind a torn line.
    assert.deepEqual(await firsts(), all);
    await append(from, ['end']);
    await arrive(worker, all.length + 1);
    const read = `--topic lines --from-beginning --isolation-level read_committed --max-messages ${all.length + 1}`;
    const { stdout } = await s.tool('console-consumer', `${read} --timeout-ms 20000`, { unrecorded: true });
    assert.deepEqual(stdout.split('\n').slice(0, -1), [...all, 'end']);

    const ask = async (method: string, path: string): Promise<void> =>
      s.record(`${method} ${path}`, { code: 0, stdout: await worker.call(method, path), stderr: '' }, { mask });
    await ask('GET', '/connectors/source/offsets');
    for (const name of ['source', 'sink']) {
      await ask('PUT', `/connectors/${name}/stop`);
      await worker.is(name, 'STOPPED', 0);
      await ask('DELETE', `/connectors/${name}/offsets`);
      await ask('GET', `/connectors/${name}/offsets`);
    }
    await worker.stop();
    for (const topic of Object.values(internalTopics)) await s.tool('topics', `--describe --topic ${topic}`);
    await s.tool('topics', '--list', { sorted: true });
    await s.tool('groups', '--list', { mask, sorted: true });
  };
  return compareWithJvm(t, script, { properties: brokerProperties });
});
