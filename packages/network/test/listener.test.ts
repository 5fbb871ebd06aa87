import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FrameHandler, RequestBudget, type ResponseChunks } from '@skarab/network';
import { bindListener, openSocket } from './test-listener.ts';

type Respond = (response: ResponseChunks | null) => void;

function frameOf(text: string): Buffer {
  const bytes = Buffer.alloc(4 + text.length);
  bytes.writeInt32BE(text.length, 0);
  bytes.write(text, 4);
  return bytes;
}

/** Echoes frames; what begins with "slow" waits for `release`. */
class EchoHandler implements FrameHandler {
  readonly seen: string[] = [];
  readonly held: (() => void)[] = [];
  closed = 0;

  overlaps(frame: Buffer): boolean {
    return frame.toString().includes('overlap');
  }

  handle(_connection: unknown, frame: Buffer, respond: Respond): void {
    const text = frame.toString();
    this.seen.push(text);
    const answer = (): void => respond(text === 'silent' ? null : [frameOf(text)]);
    if (text.startsWith('slow')) this.held.push(answer);
    else answer();
  }

  onClosed(): void {
    this.closed++;
  }
}

async function read(socket: Socket, length: number): Promise<string> {
  let received = Buffer.alloc(0);
  while (received.length < length) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    received = Buffer.concat([received, chunk]);
  }
  return received.toString('latin1');
}

test('frames are answered in order, also when a later one is ready first', async () => {
  const handler = new EchoHandler();
  const listener = await bindListener(handler);
  listener.open();
  const socket = await openSocket(listener);
  socket.write(Buffer.concat(['slow overlap', 'overlap 2', 'silent', 'plain'].map(frameOf)));
  while (handler.seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.deepEqual(handler.seen, ['slow overlap', 'overlap 2']);
  handler.held[0]!();
  const expected = Buffer.concat(['slow overlap', 'overlap 2', 'plain'].map(frameOf));
  assert.equal(await read(socket, expected.length), expected.toString('latin1'));
  assert.deepEqual(handler.seen, ['slow overlap', 'overlap 2', 'silent', 'plain']);
  socket.destroy();
  await listener.stop(1000);
  assert.equal(handler.closed, 1);
});

test('connections wait until the listener is opened', async () => {
  const handler = new EchoHandler();
  const listener = await bindListener(handler);
  const socket = await openSocket(listener);
  socket.write(frameOf('early'));
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.deepEqual(handler.seen, []);
  listener.open();
  assert.equal(await read(socket, 9), frameOf('early').toString('latin1'));
  await listener.stop(1000);
});

test('a frame above the limit ends the connection, others go on', async () => {
  const handler = new EchoHandler();
  const listener = await bindListener(handler, { maxRequestBytes: 100 });
  listener.open();
  const [bad, good] = [await openSocket(listener), await openSocket(listener)];
  bad.write(Buffer.from([0x7f, 0, 0, 0]));
  await once(bad, 'close');
  good.write(frameOf('fine'));
  assert.equal(await read(good, 8), frameOf('fine').toString('latin1'));
  good.destroy();
  await listener.stop(1000);
});

test('connections above the limits are refused', async () => {
  const listener = await bindListener(new EchoHandler(), { maxConnectionsPerIp: () => 2 });
  listener.open();
  const kept = [await openSocket(listener), await openSocket(listener)];
  while (listener.connectionCount < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const refused = await openSocket(listener);
  refused.resume();
  await once(refused, 'close');
  assert.equal(listener.connectionCount, 2);
  for (const socket of kept) socket.destroy();
  await listener.stop(1000);
});

test('idle connections are closed', async () => {
  const handler = new EchoHandler();
  const listener = await bindListener(handler, { maxIdleMs: 200 });
  listener.open();
  const socket = await openSocket(listener);
  socket.resume();
  const begun = performance.now();
  await once(socket, 'close');
  assert.ok(performance.now() - begun < 2000);
  await listener.stop(1000);
});

test('a peer that does not read its answers holds up only itself', async () => {
  const big = 'x'.repeat(500_000);
  const handler = new EchoHandler();
  const listener = await bindListener(handler);
  listener.open();
  const [lazy, eager] = [await openSocket(listener), await openSocket(listener)];
  lazy.pause();
  for (let i = 0; i < 40; i++) lazy.write(frameOf(big));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const handledWhileLazy = handler.seen.length;
  assert.ok(handledWhileLazy < 40, `${handledWhileLazy} requests were handled for a peer that does not read`);
  eager.write(frameOf('hello'));
  assert.equal(await read(eager, 9), frameOf('hello').toString('latin1'));
  lazy.resume();
  let received = 0;
  lazy.on('data', (chunk) => {
    received += chunk.length;
  });
  const deadline = performance.now() + 5000;
  while (received < 40 * (big.length + 4) && performance.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(received, 40 * (big.length + 4));
  for (const socket of [lazy, eager]) socket.destroy();
  await listener.stop(1000);
});

test('connections that come too fast wait, in order, and are served then', async () => {
  const delays = [0, 60, 60, 0];
  const listener = await bindListener(new EchoHandler(), { connectionDelayMs: () => delays.shift() ?? 0 });
  listener.open();
  const startMs = performance.now();
  const sockets = [];
  for (let i = 0; i < 4; i++) {
    const socket = await openSocket(listener);
    socket.write(frameOf('a'));
    sockets.push(socket);
  }
  assert.equal(await read(sockets[0]!, 5), frameOf('a').toString());
  assert.equal(listener.connectionCount, 1, 'only the first is served now');
  await read(sockets[1]!, 5);
  assert.ok(performance.now() - startMs >= 55);
  await read(sockets[3]!, 5);
  assert.ok(performance.now() - startMs >= 110);
  assert.equal(listener.connectionCount, 4);
  for (const socket of sockets) socket.destroy();
  await listener.stop(0);
});

test('with the budget used up, a connection with requests waiting is not read, one without is', async () => {
  const handler = new EchoHandler();
  const budget = new RequestBudget(3, -1);
  const listener = await bindListener(handler, { budget });
  listener.open();
  const busy = await openSocket(listener);
  const other = await openSocket(listener);
  busy.write(Buffer.concat(['slow', 'b', 'c', 'd'].map(frameOf)));
  while (handler.seen.length < 1) await sleep(5);
  assert.equal(budget.isUsedUp, true);
  busy.write(frameOf('late'));
  other.write(frameOf('x'));
  assert.equal(await read(other, 5), frameOf('x').toString());
  handler.held[0]!();
  const expected = Buffer.concat(['slow', 'b', 'c', 'd', 'late'].map(frameOf)).toString();
  assert.equal(await read(busy, expected.length), expected);
  assert.equal(budget.isUsedUp, false);
  for (const socket of [busy, other]) socket.destroy();
  await listener.stop(0);
});

test('a connection that goes takes its waiting requests out of the budget', async () => {
  const handler = new EchoHandler();
  const budget = new RequestBudget(2, -1);
  const listener = await bindListener(handler, { budget });
  listener.open();
  const socket = await openSocket(listener);
  socket.write(Buffer.concat(['slow', 'b', 'c'].map(frameOf)));
  while (!budget.isUsedUp) await sleep(5);
  listener.closeAll();
  while (handler.closed === 0) await sleep(5);
  assert.equal(budget.isUsedUp, false);
  await listener.stop(0);
});

test('a muted connection gets the answers under way, and nothing more is taken from it meanwhile', async () => {
  const handler = new EchoHandler();
  const mutes = [80, 20];
  const muting: FrameHandler = {
    overlaps: () => true,
    onClosed: () => handler.onClosed(),
    handle: (connection, frame, respond) => {
      if (handler.seen.length < 2) connection.mute(mutes.shift() ?? 0);
      handler.handle(connection, frame, respond);
    },
  };
  const listener = await bindListener(muting);
  listener.open();
  const socket = await openSocket(listener);
  const startMs = performance.now();
  socket.write(Buffer.concat(['a', 'b', 'c'].map(frameOf)));
  assert.equal(await read(socket, 5), frameOf('a').toString(), 'answered at once');
  assert.ok(performance.now() - startMs < 70);
  assert.deepEqual(handler.seen, ['a']);
  assert.equal(await read(socket, 5), frameOf('b').toString());
  assert.ok(performance.now() - startMs >= 79);
  assert.equal(await read(socket, 5), frameOf('c').toString());
  assert.ok(performance.now() - startMs >= 99);
  socket.destroy();
  await listener.stop(0);
});

test('a listener that stops does not wait for muted connections', async () => {
  const listener = await bindListener({
    overlaps: () => false,
    onClosed: () => {},
    handle: (connection, frame, respond) => {
      connection.mute(60_000);
      respond([frame]);
    },
  });
  listener.open();
  const socket = await openSocket(listener);
  socket.write(frameOf('a'));
  await read(socket, 1);
  const startMs = performance.now();
  await listener.stop(5000);
  assert.ok(performance.now() - startMs < 1000);
});

test('connections that an address makes too fast are kept a while and ended, never served', async () => {
  const handler = new EchoHandler();
  const refusals = [0, 60];
  const listener = await bindListener(handler, { connectionRefusalMs: () => refusals.shift() ?? 0 });
  listener.open();
  const served = await openSocket(listener);
  const startMs = performance.now();
  const refused = await openSocket(listener);
  refused.write(frameOf('a'));
  // It is reset, since what it sent was not read; that is no reason to fail.
  await new Promise((resolve) => refused.once('close', resolve));
  assert.ok(performance.now() - startMs >= 55);
  assert.deepEqual(handler.seen, []);
  assert.equal(listener.connectionCount, 1);
  served.destroy();
  await listener.stop(0);
});
