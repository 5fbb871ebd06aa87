/**
 * Peers that misbehave: garbage, half frames, slow senders and readers, idle crowds, frames over the limit.
 *
 * The one that misbehaves is closed with one log line (or waited for, if it may yet become a request); others are served meanwhile, and
 * memory stays where it was.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@skarab/base';
import {
  ApiKey,
  type FetchResponse,
  type MetadataResponse,
  newMetadataRequest,
  newMetadataRequestTopic,
  type ProduceResponse,
} from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import { type BrokerProcess, startBrokerProcess } from '../../../tools/kafka-jvm/jvm.ts';
import { skarab, waitForTopics } from '../../../tools/raw-client/brokers.ts';
import { RawClient } from '../../../tools/raw-client/raw-client.ts';
import { fetch, produce } from './scripts/messages.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const MAX_REQUEST_BYTES = 200_000;
const MEGABYTE = 1 << 20;

let broker: BrokerProcess;

before(async () => {
  broker = await startBrokerProcess(skarab, {
    properties: { 'socket.request.max.bytes': String(MAX_REQUEST_BYTES), 'num.partitions': '1' },
  });
});

after(() => broker.kill());

function residentBytes(): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${broker.pid}/status`, 'utf8'));
  return Number(line?.[1]) * 1024;
}

/** Checks that the log has one line about the connection from a local port; lines take a moment to get to the file. */
async function expectOneLogLine(localPort: number): Promise<void> {
  const deadline = Date.now() + 3_000;
  for (;;) {
    const log = readFileSync(broker.logFile, 'utf8').split('\n');
    const lines = log.filter((line) => line.includes(`127.0.0.1:${localPort}-`));
    if (lines.length === 0 && Date.now() < deadline) await sleep(20);
    else return assert.equal(lines.length, 1, lines.join('\n') || 'no log line');
  }
}

async function expectServed(): Promise<void> {
  const client = await RawClient.connect(broker.port);
  const { brokers } = await client.call<MetadataResponse>(
    ApiKey.METADATA,
    12,
    newMetadataRequest({ topics: [] }),
    5_000,
  );
  assert.equal(brokers.length, 1);
  client.close();
}

interface Plain {
  readonly socket: Socket;
  readonly localPort: number;
  readonly ended: Promise<void>;
}

/** A connection without a protocol. */
function plainConnection(): Promise<Plain> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: broker.port, host: '127.0.0.1', noDelay: true });
    socket.on('error', reject);
    socket.resume();
    const ended = new Promise<void>((end) => socket.on('close', () => end()));
    socket.on('connect', () => resolve({ socket, localPort: socket.localPort ?? 0, ended }));
  });
}

async function endsWithin(plain: Plain, timeoutMs: number): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  const ended = await Promise.race([plain.ended.then(() => true), late]);
  timer.abort();
  return ended;
}

function frame(length: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(4);
  head.writeInt32BE(length, 0);
  return Buffer.concat([head, body]);
}

test('garbage: closed, with one log line each', { timeout: 60_000 }, async (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const random = seededRandom(SEED);
  const before = residentBytes();
  for (let round = 0; round < 20; round++) {
    const garbage = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const plain = await plainConnection();
        // A length that a frame may have, then bytes that are no request.
        const body = Buffer.from(random.bytes(20 + random.int(400)));
        body.writeInt16BE(200 + random.int(1000), 0);
        plain.socket.write(frame(body.length, body));
        return plain;
      }),
    );
    for (const plain of garbage) assert(await endsWithin(plain, 5_000), 'not closed');
    if (round > 0) continue;
    await expectServed();
    for (const { localPort } of garbage) await expectOneLogLine(localPort);
  }
  const grown = (residentBytes() - before) / MEGABYTE;
  assert(grown < 40, `200 connections with garbage left ${grown.toFixed(1)} MB behind`);
});

test('lengths that no frame may have', async () => {
  for (const length of [-1, -2147483648, MAX_REQUEST_BYTES + 1, 2147483647, 0x47455420]) {
    const plain = await plainConnection();
    plain.socket.write(frame(length, Buffer.alloc(16)));
    assert(await endsWithin(plain, 3_000), `a frame of ${length} bytes is waited for`);
    await expectOneLogLine(plain.localPort);
  }
  const empty = await plainConnection();
  empty.socket.write(frame(0, Buffer.alloc(0)));
  assert(await endsWithin(empty, 3_000), 'a frame of no bytes is waited for');
  await expectServed();
});

test('a request as long as allowed is served, one byte more is not', async () => {
  const client = await RawClient.connect(broker.port);
  const room =
    MAX_REQUEST_BYTES - client.encode(ApiKey.PRODUCE, 12, produce({ topic: 'limit', records: null })).bytes.length;
  const records = (size: number): Uint8Array => {
    const batch = (length: number): Uint8Array =>
      buildBatch({ records: [{ timestamp: 1, key: null, value: Buffer.alloc(length) }] });
    return batch(size - batch(size).byteLength + size);
  };
  // Four bytes of the encoded request are its length in front, and the records' own length takes two more bytes than null does.
  const fits = client.encode(ApiKey.PRODUCE, 12, produce({ topic: 'limit', records: records(room + 2) })).bytes;
  assert.equal(fits.readInt32BE(0), MAX_REQUEST_BYTES);
  client.write(fits);
  await client.answerTo(fits.readInt32BE(8), 'the longest request');
  const tooLong = client.encode(ApiKey.PRODUCE, 12, produce({ topic: 'limit', records: records(room + 3) })).bytes;
  client.write(tooLong);
  assert(await client.closesWithin(3_000));
});

test('half frames: waited for without a word, forgotten at the end of the connection', async () => {
  const client = await RawClient.connect(broker.port);
  const { bytes } = client.encode(ApiKey.METADATA, 12, newMetadataRequest({ topics: [] }));
  client.close();
  for (let length = 1; length < bytes.length; length += 7) {
    const plain = await plainConnection();
    plain.socket.write(bytes.subarray(0, length));
    assert(!(await endsWithin(plain, 20)), 'half a frame is no reason to close');
    plain.socket.destroy();
  }
  await expectServed();
});

test('a sender of one byte at a time is served', async () => {
  const client = await RawClient.connect(broker.port);
  const { bytes, correlationId } = client.encode(ApiKey.METADATA, 12, newMetadataRequest({ topics: [] }));
  const answer = client.answerTo(correlationId, 'slow Metadata', 20_000);
  for (const byte of bytes) {
    client.write(Uint8Array.of(byte));
    await sleep(2);
  }
  assert((await answer).length > 10);
  client.close();
});

test('many requests in one write are answered in order', async () => {
  const client = await RawClient.connect(broker.port);
  const requests = Array.from({ length: 200 }, () =>
    client.encode(ApiKey.METADATA, 12, newMetadataRequest({ topics: [] })),
  );
  const order: number[] = [];
  const answers = requests.map(({ correlationId }) =>
    client.answerTo(correlationId, 'pipelined Metadata').then(() => order.push(correlationId)),
  );
  client.write(Buffer.concat(requests.map(({ bytes }) => bytes)));
  await Promise.all(answers);
  assert.deepEqual(
    order,
    requests.map(({ correlationId }) => correlationId),
  );
  assert.deepEqual(client.protocolErrors, []);
  client.close();
});

test('a thousand idle connections cost little, and nothing once they are gone', { timeout: 60_000 }, async (t) => {
  const crowd = async (): Promise<number> => {
    const clients: RawClient[] = [];
    // Not more at once than socket.listen.backlog.size, beyond which the kernel makes clients wait for seconds.
    while (clients.length < 1000) {
      const some = Array.from({ length: 40 }, () => RawClient.connect(broker.port));
      clients.push(...(await Promise.all(some)));
      await clients.at(-1)?.call(ApiKey.METADATA, 12, newMetadataRequest({ topics: [] }));
    }
    await Promise.all(clients.map((client) => client.call(ApiKey.METADATA, 12, newMetadataRequest({ topics: [] }))));
    await expectServed();
    const resident = residentBytes();
    for (const client of clients) client.close();
    await Promise.all(clients.map(({ closed }) => closed));
    return resident;
  };
  const before = residentBytes();
  const after: number[] = [];
  for (let i = 0; i < 6; i++) after.push(await crowd());
  const [cost, growth] = [(after[0]! - before) / MEGABYTE, (after[5]! - after[2]!) / MEGABYTE];
  t.diagnostic(`1000 connections: ${cost.toFixed(1)} MB; the sixth thousand after the third: ${growth.toFixed(1)} MB`);
  assert(cost < 60, `1000 connections cost ${cost.toFixed(1)} MB`);
  assert(growth < 30, `3000 connections left ${growth.toFixed(1)} MB behind`);
});

test('readers that do not read cost no memory', { timeout: 60_000 }, async (t) => {
  const client = await RawClient.connect(broker.port);
  const create = newMetadataRequest({ topics: [newMetadataRequestTopic({ name: 'lazy' })] });
  await client.call(ApiKey.METADATA, 12, create);
  await waitForTopics(client, { lazy: 1 });
  const value = Buffer.alloc(100_000, 1);
  for (let i = 0; i < 80; i++) {
    const records = buildBatch({ records: [{ timestamp: Date.now(), key: null, value }] });
    const { responses } = await client.call<ProduceResponse>(ApiKey.PRODUCE, 12, produce({ topic: 'lazy', records }));
    assert.equal(responses[0]?.partitionResponses[0]?.errorCode, 0);
  }
  const before = residentBytes();
  const request = fetch({ topic: 'lazy', maxBytes: 8 * MEGABYTE, partition: { partitionMaxBytes: 8 * MEGABYTE } });
  const lazy = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const reader = await RawClient.connect(broker.port);
      reader.pause();
      for (let i = 0; i < 20; i++) reader.tell(ApiKey.FETCH, 12, request);
      return reader;
    }),
  );
  await sleep(1_000);
  const grown = (residentBytes() - before) / MEGABYTE;
  t.diagnostic(`20 readers with 400 answers of 8 MB in flight: ${grown.toFixed(1)} MB`);
  const started = performance.now();
  const { responses } = await client.call<FetchResponse>(ApiKey.FETCH, 12, fetch({ topic: 'lazy', maxBytes: 1 }));
  assert.equal(responses[0]?.partitions[0]?.errorCode, 0);
  assert(performance.now() - started < 2_000, 'others wait for lazy readers');
  for (const reader of lazy) reader.close();
  client.close();
  assert(grown < 80, `lazy readers cost ${grown.toFixed(1)} MB`);
});

test('the broker is still well', async () => {
  await expectServed();
  const log = readFileSync(broker.logFile, 'utf8');
  assert.doesNotMatch(log, /TypeError|RangeError|AssertionError|UnhandledPromiseRejection|handler failed/);
});
