import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { beforeEach, test } from 'node:test';
import { CorruptDataError, seededRandom } from '@skarab/base';
import { MemoryStorage } from '../testing/memory-storage.ts';
import { OffsetIndex } from './offset-index.ts';
import { TimeIndex } from './time-index.ts';
import { type AbortedTxn, TransactionIndex } from './transaction-index.ts';

let storage: MemoryStorage;
beforeEach(() => {
  storage = new MemoryStorage();
});

const newOffsetIndex = (isNew = true, maxSize = 1 << 20): OffsetIndex =>
  new OffsetIndex(storage.file('/i'), 1000, maxSize, isNew);
const newTimeIndex = (isNew = true, maxSize = 1 << 20): TimeIndex =>
  new TimeIndex(storage.file('/t'), 1000, maxSize, isNew);
const hexOf = (path: string): string => Buffer.from(storage.readFile(path) ?? []).toString('hex');

test('an offset index has the entries on file, as big-endian pairs', () => {
  const index = newOffsetIndex();
  index.append(1004, 4100);
  index.append(1009, 8300);
  assert.equal(hexOf('/i'), '');
  index.entries.writePending();
  assert.equal(hexOf('/i'), '00000004' + '00001004' + '00000009' + '0000206c');
  index.append(1010, 9000);
  index.entries.writePending();
  assert.equal(hexOf('/i').length, 48);
  assert.equal(index.lastOffset, 1010);
});

test('an offset index finds the position at or before an offset, and an offset behind a position', () => {
  const index = newOffsetIndex();
  assert.equal(index.lookup(1005), 0);
  assert.equal(index.upperBoundOffset(0), null);
  index.append(1004, 4100);
  index.append(1009, 8300);
  assert.deepEqual(
    [1000, 1003, 1004, 1008, 1009, 5000].map((offset) => index.lookup(offset)),
    [0, 0, 4100, 4100, 8300, 8300],
  );
  assert.deepEqual(
    [0, 4100, 4101, 8300, 8301].map((position) => index.upperBoundOffset(position)),
    [1004, 1004, 1009, 1009, null],
  );
});

test('an offset index is cut at an offset', () => {
  const index = newOffsetIndex();
  for (const [offset, position] of [
    [1004, 10],
    [1009, 20],
    [1014, 30],
  ] as const)
    index.append(offset, position);
  index.entries.writePending();
  index.truncateTo(1010);
  assert.equal(index.lastOffset, 1009);
  index.truncateTo(1009);
  assert.equal(index.lastOffset, 1004);
  assert.equal(hexOf('/i'), '000000040000000a');
  index.append(1005, 15);
  index.entries.writePending();
  assert.equal(hexOf('/i'), '000000040000000a' + '000000050000000f');
  index.truncateTo(0);
  assert.equal(index.lastOffset, 1000);
});

test('an offset index refuses offsets that go back, and knows what it can express', () => {
  const index = newOffsetIndex();
  index.append(1004, 10);
  assert.throws(() => index.append(1004, 20), CorruptDataError);
  assert.deepEqual(
    [999, 1000, 1000 + 0x7fffffff, 1001 + 0x7fffffff].map((offset) => index.canAppendOffset(offset)),
    [false, true, true, false],
  );
});

test('an index is full when its bytes are', () => {
  const index = newOffsetIndex(true, 20);
  const time = newTimeIndex(true, 40);
  index.append(1001, 1);
  time.maybeAppend(5, 1001);
  assert.deepEqual([index.isFull, time.isFull], [false, false]);
  index.append(1002, 2);
  time.maybeAppend(6, 1002);
  // The time index keeps a slot for the entry of the roll.
  assert.deepEqual([index.isFull, time.isFull], [true, true]);
});

test('a time index keeps only later timestamps', () => {
  const index = newTimeIndex();
  assert.deepEqual(index.lastEntry, { timestamp: -1, offset: 1000 });
  index.maybeAppend(50, 1004);
  index.maybeAppend(50, 1009);
  index.maybeAppend(70, 1009);
  assert.throws(() => index.maybeAppend(60, 1010), CorruptDataError);
  assert.throws(() => index.maybeAppend(80, 1008), CorruptDataError);
  index.entries.writePending();
  assert.equal(hexOf('/t'), '0000000000000032' + '00000004' + '0000000000000046' + '00000009');
  assert.deepEqual(
    [49, 50, 69, 70, 1000].map((timestamp) => index.lookup(timestamp).offset),
    [1000, 1004, 1004, 1009, 1009],
  );
  index.truncateTo(1009);
  assert.deepEqual(index.lastEntry, { timestamp: 50, offset: 1004 });
  assert.deepEqual(newTimeIndex(false).lastEntry, { timestamp: 50, offset: 1004 });
});

test('an index with many entries is the same in memory, on file, and in between', () => {
  const random = seededRandom(3);
  let index = newOffsetIndex();
  const entries: [number, number][] = [];
  let offset = 1000;
  for (let i = 0; i < 5000; i++) {
    offset += 1 + random.int(10);
    entries.push([offset, i * 4096]);
    index.append(offset, i * 4096);
    if (random.int(700) === 0) index.entries.writePending();
    if (random.int(900) === 0) {
      const cut = entries.at(-1 - random.int(Math.min(600, entries.length - 1)))![0];
      index.truncateTo(cut);
      while (entries.length > 0 && entries.at(-1)![0] >= cut) entries.pop();
      offset = entries.at(-1)?.[0] ?? 1000;
    }
    if (random.int(1500) === 0) {
      index.entries.writePending();
      index.entries.releaseMemory();
    }
    if (random.int(1500) === 0) {
      index.entries.writePending();
      index = newOffsetIndex(false);
    }
    const wanted = 1000 + random.int(offset - 998);
    assert.equal(index.lookup(wanted), entries.findLast((entry) => entry[0] <= wanted)?.[1] ?? 0);
    assert.equal(index.entries.count, entries.length);
  }
});

const txn = (producerId: number, firstOffset: number, lastOffset: number, lastStableOffset: number): AbortedTxn => ({
  producerId,
  firstOffset,
  lastOffset,
  lastStableOffset,
});

test('a transaction index gives those that overlap, and says when later segments need not be asked', () => {
  const index = new TransactionIndex(storage.file('/x'), true);
  const all = [txn(1, 1000, 1010, 1005), txn(2, 1005, 1020, 1021), txn(3, 1030, 1040, 1035), txn(4, 1035, 1050, 1051)];
  for (const entry of all) index.append(entry);
  const collect = (from: number, to: number): [number[], boolean] => {
    const found: AbortedTxn[] = [];
    const isComplete = index.collect(from, to, found);
    return [found.map((entry) => entry.producerId), isComplete];
  };
  assert.deepEqual(collect(1000, 1100), [[1, 2, 3, 4], false]);
  assert.deepEqual(collect(1000, 1005), [[1], true]);
  assert.deepEqual(collect(1000, 1006), [[1, 2], true]);
  assert.deepEqual(collect(1011, 1030), [[2], true]);
  assert.deepEqual(collect(1041, 1045), [[4], true]);
  assert.deepEqual(collect(1051, 1052), [[], false]);
  assert.deepEqual(collect(1045, 1020), [[], true]);
  index.entries.writePending();
  assert.equal(
    hexOf('/x').slice(0, 68),
    '0000' + '0000000000000001' + '00000000000003e8' + '00000000000003f2' + '00000000000003ed',
  );
  index.truncateTo(1040);
  assert.deepEqual(new TransactionIndex(storage.file('/x'), false).all(), all.slice(0, 2).concat());
  assert.throws(() => index.check(1011), CorruptDataError);
  index.check(1010);
});
