import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClusterWatch } from './cluster-watch.ts';
import { programClient } from './program-client.ts';
import type { Acknowledged } from './writer.ts';

/** Runs a program of JavaScript as a client and returns what it told; it is stopped, or abandoned, after its first acknowledgement. */
async function told(
  program: string,
  how: 'stop' | 'abandon' = 'stop',
): Promise<{ acknowledged: Acknowledged[]; givenUp: string[] }> {
  const stopped = new AbortController();
  const abandoned = new AbortController();
  const acknowledged: Acknowledged[] = [];
  const givenUp: string[] = [];
  await programClient('js', { file: process.execPath, args: ['-e', program, '--'], env: { GREETING: 'hello' } }).write({
    topic: 't',
    partitions: [4, 5],
    bootstrapServers: 'b:1',
    watch: new ClusterWatch('t', new Map()),
    seed: 1,
    stopped: stopped.signal,
    abandoned: abandoned.signal,
    onAcknowledged: (records) => {
      acknowledged.push(records);
      (how === 'stop' ? stopped : abandoned).abort();
    },
    onError: assert.fail,
    onGivenUp: (what) => givenUp.push(what),
  });
  return { acknowledged, givenUp };
}

const UNTIL_STOPPED = "process.stdin.resume().on('end', () => console.log('acked 5 1 9'))";

test('a program tells what is acknowledged until it is stopped and has sent what was pending', async () => {
  assert.deepEqual(await told(`console.log('acked 4 0 7'); ${UNTIL_STOPPED}`), {
    acknowledged: [
      { partition: 4, number: 0, count: 1, offset: 7 },
      { partition: 5, number: 1, count: 1, offset: 9 },
    ],
    givenUp: [],
  });
});

test('what it gives up is told in its words, and so is an end before its time', async () => {
  const { givenUp } = await told(`console.log('failed 4 0 too late\\nacked 4 1 0'); ${UNTIL_STOPPED}`);
  assert.deepEqual(givenUp, ['failed 4 0 too late']);
  const ended = await told(
    "console.error(process.argv.slice(1).join(' ') + ' ' + process.env.GREETING); process.exit(3)",
  );
  assert.deepEqual(ended.givenUp, ['its program ended by code 3: b:1 t 4 2 hello\n']);
  assert.deepEqual((await told('')).givenUp, ['its program ended before its time: ']);
});

test('it is killed when what is pending is given up', { timeout: 10_000 }, async () => {
  const { givenUp } = await told("console.log('acked 4 0 7'); setInterval(() => {}, 1000)", 'abandon');
  assert.deepEqual(givenUp, ['its program ended by SIGKILL: ']);
});
