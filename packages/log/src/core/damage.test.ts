import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { iterateBatches } from '@skarab/records';
import { appendValues, LOG_DIR, LogFixture, readAll, readValues, START_MS } from '../testing/log-fixture.ts';
import type { PartitionLog } from './partition-log.ts';

const SEGMENT_BYTES = 900;
const VALUES = 30;
const allValues = Array.from({ length: VALUES }, (_, i) => `${i}:v${i}`);

/** A log of one-record batches in several segments, completed in order, each batch but the first of a segment in the index. */
function filled(): { fixture: LogFixture; log: PartitionLog } {
  const fixture = new LogFixture({ config: { segmentBytes: SEGMENT_BYTES, indexIntervalBytes: 1 } });
  const log = fixture.open();
  for (let i = 0; i < VALUES; i++) appendValues(fixture, log, [`v${i}`], { timestamp: START_MS + i });
  log.complete();
  return { fixture, log };
}

const fileOf = (baseOffset: number, suffix: string): string =>
  `${LOG_DIR}/t-0/${String(baseOffset).padStart(20, '0')}${suffix}`;

function bytesOf({ storage }: LogFixture, path: string): Buffer {
  return Buffer.from(storage.readFile(path)!);
}

function overwrite({ storage }: LogFixture, path: string, bytes: Uint8Array): void {
  storage.file(path).truncate(0);
  storage.file(path).write([bytes], 0);
}

/** Changes the header of a batch of a segment. */
function changeBatch(fixture: LogFixture, path: string, index: number, change: (header: Buffer) => void): void {
  const bytes = bytesOf(fixture, path);
  let position = 0;
  for (const [i, { sizeInBytes }] of [...iterateBatches(bytes)].entries()) {
    if (i === index) break;
    position += sizeInBytes;
  }
  change(bytes.subarray(position));
  overwrite(fixture, path, bytes);
}

function readAt(log: PartitionLog, startOffset: number): { errorCode: ErrorCode; first: string | undefined } {
  const options = { startOffset, maxBytes: 1, minOneMessage: true, upperBound: 'logEnd' } as const;
  const { errorCode } = log.read(options);
  return { errorCode, first: errorCode === ErrorCode.NONE ? readValues(log, options)[0] : undefined };
}

describe('indexes that lie', () => {
  for (const [name, make] of [
    ['random ones', (random: ReturnType<typeof seededRandom>, size: number) => random.bytes(size)],
    ['zeros', (_: unknown, size: number) => Buffer.alloc(size)],
    ['a position too small by one', (_: unknown, size: number, old: Buffer) => shifted(old, size, -1)],
    ['positions beyond the file', (_: unknown, size: number, old: Buffer) => shifted(old, size, SEGMENT_BYTES)],
  ] as const) {
    test(`${name} are built anew by the first read that they mislead`, () => {
      for (let seed = 1; seed <= 20; seed++) {
        const random = seededRandom(seed);
        const { fixture, log } = filled();
        const before = new Map<string, Buffer>();
        for (const base of log.segmentBaseOffsets) {
          const path = fileOf(base, '.index');
          const old = bytesOf(fixture, path);
          before.set(path, old);
          overwrite(fixture, path, make(random, old.length, old));
        }
        const reopened = fixture.open();
        assert.deepEqual(readAll(reopened), allValues, `seed ${seed}`);
        for (let offset = 0; offset < VALUES; offset++) {
          assert.deepEqual(readAt(reopened, offset), { errorCode: ErrorCode.NONE, first: `${offset}:v${offset}` });
        }
        assert.equal(appendValues(fixture, reopened, ['more']).firstOffset, VALUES);
        // An index of zeros or chance may also send readers to the beginning of the segment: that misleads nobody.
        if (name.startsWith('position') || name.startsWith('a position')) {
          for (const [path, old] of before) assert.deepEqual(bytesOf(fixture, path), old, `seed ${seed}: ${path}`);
        }
      }
    });
  }
});

function shifted(old: Buffer, size: number, by: number): Buffer {
  const bytes = Buffer.from(old.subarray(0, size));
  for (let at = 4; at < size; at += 8) bytes.writeInt32BE(bytes.readInt32BE(at) + by, at);
  return bytes;
}

describe('headers that lie, after an orderly stop', () => {
  test('a length that reaches beyond its segment is told, not passed over', () => {
    const { fixture, log } = filled();
    changeBatch(fixture, fileOf(0, '.log'), 2, (header) => header.writeInt32BE(1 << 20, 8));
    const reopened = fixture.open();
    assert.deepEqual(readValues(reopened), allValues.slice(0, 2));
    assert.deepEqual(readAt(reopened, 2), { errorCode: ErrorCode.CORRUPT_MESSAGE, first: undefined });
    const next = log.segmentBaseOffsets[1]!;
    assert.deepEqual(readAt(reopened, next).first, `${next}:v${next}`);
  });

  test('a length that leads into the middle of another batch is told', () => {
    const { fixture } = filled();
    overwrite(fixture, fileOf(0, '.index'), Buffer.alloc(0));
    changeBatch(fixture, fileOf(0, '.log'), 1, (header) => header.writeInt32BE(header.readInt32BE(8) + 64, 8));
    const reopened = fixture.open();
    assert.deepEqual(readAt(reopened, 2).errorCode, ErrorCode.CORRUPT_MESSAGE);
  });

  test('offsets that go back are told', () => {
    const { fixture } = filled();
    overwrite(fixture, fileOf(0, '.index'), Buffer.alloc(0));
    changeBatch(fixture, fileOf(0, '.log'), 3, (header) => header.writeBigInt64BE(1n, 0));
    assert.deepEqual(readAt(fixture.open(), 4).errorCode, ErrorCode.CORRUPT_MESSAGE);
  });
});

describe('base offsets that lie, after a crash', () => {
  for (const by of [1, 2, 4, 1 << 20, 2 ** 40]) {
    test(`a batch that is ${by} ahead and its successor contradict each other: the log ends before both`, () => {
      const { fixture, log } = filled();
      const last = log.segmentBaseOffsets.at(-1)!;
      changeBatch(fixture, fileOf(last, '.log'), 1, (header) =>
        header.writeBigInt64BE(header.readBigInt64BE(0) + BigInt(by), 0),
      );
      const reopened = fixture.open({ isClean: false });
      assert.deepEqual(readAll(reopened), allValues.slice(0, last + 1));
      assert.equal(reopened.logEndOffset, last + 1);
      assert.deepEqual(reopened.epochEntries, log.epochEntries);
      assert.equal(appendValues(fixture, reopened, ['more']).firstOffset, last + 1);
    });
  }
});
