/**
 * Speeds of checksums, validation, building, reading and codecs: `node packages/records/bench/main.ts [part of a name]`.
 *
 * Each line is the best of many short rounds in one process; compare lines of one run, not of two machines.
 */
import { Buffer } from 'node:buffer';
import { seededRandom } from '@skarab/base';
import { decompressToScratch } from '../src/codec/codec.ts';
import {
  type AppendOptions,
  buildBatch,
  compress,
  compressionTypes,
  crc32c,
  crc32cByTable,
  hasNativeCrc32c,
  RecordBatch,
  type SimpleRecord,
  validateAndAssignOffsets,
} from '../src/index.ts';

const ROUND_MS = 12;
const ROUNDS = 25;
const filter = process.argv[2] ?? '';

/** Nanoseconds of a call: the best round of many. */
function nanosecondsOf(call: () => unknown): number {
  let calls = 1;
  for (;;) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) call();
    if (performance.now() - start > ROUND_MS) break;
    calls *= 2;
  }
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) call();
    best = Math.min(best, ((performance.now() - start) * 1e6) / calls);
  }
  return best;
}

/** Prints a line; `byteCount` adds MB/s, `recordCount` nanoseconds a record. */
function measure(name: string, counts: { bytes?: number; records?: number; note?: string }, call: () => unknown): void {
  if (!name.includes(filter)) return;
  const time = nanosecondsOf(call);
  const parts = [
    name.padEnd(34),
    `${time < 1e4 ? `${time.toFixed(0)} ns` : `${(time / 1000).toFixed(1)} µs`}`.padStart(12),
  ];
  if (counts.bytes !== undefined) parts.push(`${((counts.bytes / time) * 1000).toFixed(0)} MB/s`.padStart(12));
  if (counts.records !== undefined) parts.push(`${(time / counts.records).toFixed(1)} ns/record`.padStart(18));
  if (counts.note !== undefined) parts.push(`  ${counts.note}`);
  console.log(parts.join(''));
}

/** Events in JSON, about 200 bytes each. */
function jsonRecords(count: number): SimpleRecord[] {
  const random = seededRandom(1);
  return Array.from({ length: count }, (_, i) => {
    const event = {
      id: i,
      user: `user-${random.int(10_000)}`,
      action: ['view', 'click', 'purchase', 'logout'][random.int(4)],
      at: 1_700_000_000_000 + i * 37,
      amount: random.int(100_000) / 100,
      session: random.int(2 ** 48).toString(16),
      tags: ['red', 'promo', 'new'].slice(random.int(3)),
    };
    return { timestamp: event.at, key: Buffer.from(event.user), value: Buffer.from(JSON.stringify(event)) };
  });
}

function benchCrc(): void {
  const bytes = Buffer.from(seededRandom(2).bytes(1 << 20));
  for (const size of [16, 64, 128, 224, 1024, 16_384, 1 << 20]) {
    const part = bytes.subarray(0, size);
    measure(`crc32c ${size}`, { bytes: size, note: hasNativeCrc32c ? '' : 'no native' }, () => crc32c(part));
    measure(`crc32c by table ${size}`, { bytes: size }, () => crc32cByTable(part));
  }
}

function benchBatches(): void {
  const plain = Array.from({ length: 1000 }, (_, i) => ({
    timestamp: 1_700_000_000_000 + i,
    key: Buffer.from(`key-${i}`),
    value: Buffer.alloc(80, i),
  }));
  const withHeaders = plain.map((record) => ({ ...record, headers: [{ key: 'trace-id', value: Buffer.alloc(16) }] }));
  const json = jsonRecords(5000);
  const options: AppendOptions = {
    ...{ offsetStart: 5, nowMs: 1_700_000_000_000, timestampType: 'CreateTime', compactedTopic: true },
    ...{ timestampBeforeMaxMs: 2 ** 53, timestampAfterMaxMs: 2 ** 53, topicPartition: 'topic-0', leaderEpoch: 1 },
    ...{ origin: 'coordinator', targetCompression: 'producer', maxMessageBytes: 2 ** 31 },
  };
  const sets: readonly (readonly [string, readonly SimpleRecord[]])[] = [
    ['1 x 100 B', plain.slice(0, 1)],
    ['1000 x 100 B', plain],
    ['1000 x 125 B, headers', withHeaders],
    ['5000 x 200 B JSON', json],
  ];
  for (const [name, records] of sets) {
    const bytes = buildBatch({ records });
    const counts = { bytes: bytes.length, records: records.length };
    measure(`build ${name}`, counts, () => buildBatch({ records }));
    measure(`validate ${name}`, counts, () => validateAndAssignOffsets(bytes, options));
    measure(`read ${name}`, counts, () => {
      let sum = 0;
      for (const record of new RecordBatch(bytes).records()) sum += record.offset;
      return sum;
    });
  }
  for (const compression of compressionTypes.slice(1)) {
    const bytes = buildBatch({ records: json, compression });
    const counts = { bytes: buildBatch({ records: json }).length, records: json.length };
    measure(`validate JSON ${compression}`, counts, () => validateAndAssignOffsets(bytes, options));
  }
}

function benchCodecs(): void {
  const json = new RecordBatch(buildBatch({ records: jsonRecords(5000) })).recordBytes;
  const small = new RecordBatch(buildBatch({ records: jsonRecords(5) })).recordBytes;
  const settings = [
    ['gzip'],
    ['snappy'],
    ['lz4'],
    ['lz4', 1],
    ['lz4', 5],
    ['lz4', 12],
    ['zstd'],
    ['zstd', -1],
  ] as const;
  for (const [codec, level] of settings) {
    for (const bytes of [json, small]) {
      const name = `${codec}${level === undefined ? '' : ` level ${level}`}, ${bytes.length} B`;
      const packed = compress(codec, bytes, level);
      const note = `ratio ${(bytes.length / packed.length).toFixed(2)}`;
      measure(`compress ${name}`, { bytes: bytes.length, note }, () => compress(codec, bytes, level));
      measure(`decompress ${name}`, { bytes: bytes.length }, () => decompressToScratch(codec, packed));
    }
  }
}

benchCrc();
benchBatches();
benchCodecs();
