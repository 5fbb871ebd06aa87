import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, before, test } from 'node:test';
import { RecordBatch } from '@skarab/records';
import { NullBroker } from '../null-broker/null-broker.ts';
import { fetch, produce } from '../wire/api.ts';
import { append, awaitLed, createTopic, deleteTopic, type TopicName } from '../wire/topics.ts';
import { WireClient } from '../wire/wire-client.ts';
import { FrameScanner } from './frame-scanner.ts';
import { type RawLoadOptions, rawFetch, rawProduce } from './raw-load.ts';
import { buildReadyBatch } from './ready-made.ts';

const broker = new NullBroker(0);
let client: WireClient;
let topic: TopicName;

before(async () => {
  await broker.start();
  client = await WireClient.connect({ host: '127.0.0.1', port: broker.port });
  await createTopic(client, 'load', 3);
  topic = await awaitLed(client, 'load', 3);
});

after(async () => {
  client.close();
  await broker.stop();
});

const options = (changes: Partial<RawLoadOptions>): RawLoadOptions => ({
  address: { host: '127.0.0.1', port: broker.port },
  topic,
  partitions: 3,
  size: 65_536,
  connections: 2,
  window: 4,
  seconds: 10,
  requests: 200,
  version: client.versionOf(produce.key),
  ...changes,
});

function counter(): { marks: { onBegin(): void; onEnd(): void }; seen: string[] } {
  const seen: string[] = [];
  return { seen, marks: { onBegin: () => void seen.push('begin'), onEnd: () => void seen.push('end') } };
}

test('a scanner finds frames whatever the pieces they arrive in', () => {
  const frames = ['', 'a', 'abcdef', 'abcdefghijkl'].map((text) => {
    const frame = Buffer.alloc(4 + text.length);
    frame.writeInt32BE(text.length);
    frame.write(text, 4);
    return frame;
  });
  const stream = Buffer.concat([...frames, ...frames]);
  for (let piece = 1; piece <= stream.length; piece++) {
    const seen: string[] = [];
    const scanner = new FrameScanner(5, (head, length) => {
      seen.push(`${length}:${head.subarray(0, Math.min(5, length)).toString()}`);
    });
    for (let at = 0; at < stream.length; at += piece) {
      const chunk = stream.subarray(at, at + piece);
      scanner.push(chunk, chunk.length);
    }
    const once = ['0:', '1:a', '6:abcde', '12:abcde'];
    assert.deepEqual(seen, [...once, ...once], `pieces of ${piece}`);
  }
});

test('a ready-made batch is valid and as near to its size as records allow', () => {
  for (const size of [200, 1024, 16_384, 65_536, 1 << 20]) {
    const { bytes, recordCount } = buildReadyBatch(size, 1_700_000_000_000);
    const batch = new RecordBatch(bytes, 0);
    assert.deepEqual([batch.isValidCrc(), batch.sizeInBytes, batch.recordCount], [true, bytes.length, recordCount]);
    assert.ok(bytes.length <= size && bytes.length > size - 1100, `${bytes.length} of ${size}`);
  }
});

test('produce requests are replayed and counted', async () => {
  for (const size of [1024, 65_536]) {
    const { marks, seen } = counter();
    const result = await rawProduce(options({ size }), -1, marks);
    assert.deepEqual(seen, ['begin', 'end']);
    assert.equal(result.requests, 200);
    assert.equal(result.bytes, 200 * buildReadyBatch(size, 0).bytes.length);
    assert.equal(result.latencies.count, 200);
  }
});

test('fetch requests are replayed over what was produced', async () => {
  await createTopic(client, 'read', 3);
  const read = await awaitLed(client, 'read', 3);
  await rawProduce(options({ topic: read, requests: 6 }), -1, counter().marks);
  const wanted = options({ topic: read, requests: 100, version: client.versionOf(fetch.key) });
  const result = await rawFetch(wanted, 2, counter().marks);
  assert.deepEqual([result.requests, result.latencies.count], [100, 100]);
});

test('an answer without the records ends the load', async () => {
  const empty = options({
    version: client.versionOf(fetch.key),
    topic: { name: 'gone', topicId: 'x'.repeat(21) + 'A' },
  });
  await assert.rejects(
    rawFetch({ ...empty, requests: 1 }, 1, counter().marks),
    /answer of \d+ bytes, expected \d+ at least/,
  );
});

test('topics are created, written and deleted', async () => {
  await createTopic(client, 'short', 2);
  await append(client, await awaitLed(client, 'short', 2), [0, 1]);
  await deleteTopic(client, 'short');
  await assert.rejects(deleteTopic(client, 'short'), /UNKNOWN_TOPIC_OR_PARTITION/);
});
