/** The programs as processes: started by the scripts in bin/, ended by signals. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const bin = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'bin');

/** Starts a script, waits for `ready` in its output, and gives its ends: output so far, a signal, the exit code. */
async function start(t: TestContext, script: string, args: readonly string[], ready: RegExp, cwd?: string) {
  const child = spawn(join(bin, script), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  });
  t.after(() => child.kill('SIGKILL'));
  const closed = once(child, 'close') as Promise<[number | null]>;
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      output += chunk.toString();
      if (ready.test(output)) resolve();
    };
    child.stdout.on('data', onData);
    child.stderr.on('data', onData);
    child.once('close', () => reject(new Error(`ended before it was ready:\n${output}`)));
  });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return (await closed)[0];
  };
  return { output: () => output, end };
}

test('dev serves at once, on a free port when asked, and ends in order', { timeout: 60_000 }, async (t) => {
  const dev = await start(t, 'skarab', ['dev', '--temporary', '--listen-addr', '127.0.0.1:0'], /Try it/);
  const port = Number(/serves Kafka at 127\.0\.0\.1:(\d+) /.exec(dev.output())?.[1]);
  assert.ok(port > 0, dev.output());
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
  assert.equal(await dev.end('SIGINT'), 0);
  assert.doesNotMatch(dev.output(), /Warning|ERROR/);
});

test('a broker of few options formats, serves, and starts again on the same directory', {
  timeout: 60_000,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'process-'));
  t.after(() => rm(folder, { recursive: true }));
  const args = ['broker', '--log-dir', join(folder, 'data'), '--listen-addr', '127.0.0.1:0', '--log-format', 'json'];
  const started = /"message":"\[KafkaRaftServer nodeId=1\] Kafka Server started"/;
  const first = await start(t, 'skarab', [...args, '--cluster-id', '5L6g3nShT-eMCtK--X86sw'], started, folder);
  assert.equal(await first.end('SIGTERM'), 0);
  for (const line of first.output().trim().split('\n')) JSON.parse(line);
  const second = await start(t, 'skarab', args, started, folder);
  assert.equal(await second.end('SIGTERM'), 0);
  assert.match(second.output(), /Kafka Server stopped/);
});
