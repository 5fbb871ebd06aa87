import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ByteSource, FrameHandler, Listener } from '@skarab/network';
import { bindListener, openSocket } from './test-listener.ts';

const FILE_BYTES = 1_000_000;
const REQUEST = Buffer.from([0, 0, 0, 1, 7]);

/** Answers each frame with a header, the whole of a file, and a tail. */
class FileHandler implements FrameHandler {
  readonly bytes = randomBytes(FILE_BYTES);
  readonly #fd: number;
  readonly #hasRegion: boolean;
  taken = 0;
  released = 0;

  constructor(t: TestContext, hasRegion: boolean) {
    const folder = mkdtempSync(join(tmpdir(), 'skarab-file-responses-'));
    const file = join(folder, 'file');
    writeFileSync(file, this.bytes);
    this.#fd = openSync(file, 'r');
    this.#hasRegion = hasRegion;
    t.after(() => {
      closeSync(this.#fd);
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    });
  }

  get answer(): Buffer {
    return Buffer.concat([Buffer.from('head'), this.bytes, Buffer.from('tail')]);
  }

  overlaps(): boolean {
    return true;
  }

  handle(_connection: unknown, _frame: Buffer, respond: Parameters<FrameHandler['handle']>[2]): void {
    this.taken++;
    respond([Buffer.from('head'), this.#source(), Buffer.from('tail')]);
  }

  onClosed(): void {}

  #source(): ByteSource {
    const fd = this.#fd;
    return {
      byteLength: FILE_BYTES,
      // Late, so that the socket may have room again while a piece is still queued.
      readInto: async (offset, target) => {
        await sleep(offset % 3);
        return readSync(fd, target, 0, target.length, offset);
      },
      ...(this.#hasRegion && { fileRegion: () => ({ fd, position: 0 }) }),
      release: () => {
        this.released++;
      },
    };
  }
}

async function start(t: TestContext, handler: FrameHandler): Promise<Listener> {
  const listener = await bindListener(handler);
  listener.open();
  t.after(() => listener.stop(1000));
  return listener;
}

async function open(t: TestContext, listener: Listener): Promise<Socket> {
  const socket = await openSocket(listener);
  t.after(() => socket.destroy());
  return socket;
}

/** Reads `length` bytes, with a rest after each `restAfterBytes` of them. */
async function readSlowly(socket: Socket, length: number, restAfterBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let received = 0;
  let sinceRest = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    received += chunk.length;
    sinceRest += chunk.length;
    if (received >= length) break;
    if (sinceRest < restAfterBytes) continue;
    sinceRest = 0;
    await sleep(2);
  }
  return Buffer.concat(chunks);
}

for (const hasRegion of [true, false]) {
  const how = hasRegion ? 'by sendfile where there is one' : 'by read and write';

  test(`many answers out of a file arrive whole and in order at a slow reader, ${how}`, async (t) => {
    const handler = new FileHandler(t, hasRegion);
    const socket = await open(t, await start(t, handler));
    const { answer } = handler;
    for (let i = 0; i < 20; i++) socket.write(REQUEST);
    await sleep(50);
    const received = await readSlowly(socket, 20 * answer.length, 1_000_000);
    assert.equal(received.length, 20 * answer.length);
    for (let i = 0; i < 20; i++)
      assert.ok(received.subarray(i * answer.length, (i + 1) * answer.length).equals(answer));
    assert.equal(handler.released, 20);
  });

  test(`a reader that goes away in the middle leaves nothing open, ${how}`, async (t) => {
    const handler = new FileHandler(t, hasRegion);
    const listener = await start(t, handler);
    for (let round = 0; round < 10; round++) {
      const socket = await open(t, listener);
      for (let i = 0; i < 8; i++) socket.write(REQUEST);
      if (round % 2 === 0) await once(socket, 'data');
      else await sleep(5);
      socket.destroy();
    }
    for (let waited = 0; handler.taken === 0 || handler.released < handler.taken; waited += 10) {
      assert.ok(waited < 5000, `${handler.released} of ${handler.taken} sources were released`);
      await sleep(10);
    }
  });
}
