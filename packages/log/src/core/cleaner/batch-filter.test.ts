import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { CorruptDataError } from '@skarab/base';
import {
  type BatchOptions,
  buildBatch,
  buildEndTransactionMarkerBatch,
  ControlRecordType,
  RecordBatch,
} from '@skarab/records';
import { legacyMessage } from '../../../test/cleaner-legacy.ts';
import { defaultLogConfig } from '../log-config.ts';
import type { AbortedTxn } from '../transaction-index.ts';
import { BatchFilter } from './batch-filter.ts';
import { CleanedTransactions } from './cleaned-transactions.ts';
import { newCleanerStats } from './cleaner-stats.ts';
import type { LastRecord } from './cleaning-task.ts';
import { OffsetMap } from './offset-map.ts';

const NOW_MS = 1_700_000_000_000;
const RETENTION_MS = 1000;

interface Given {
  /** The offset map: the last offset of each key. */
  readonly map?: Readonly<Record<string, number>>;
  readonly latestOffset?: number;
  readonly nowMs?: number;
  readonly aborted?: readonly AbortedTxn[];
  readonly lastRecords?: readonly LastRecord[];
  readonly upperBoundOffset?: number;
}

function filterOf(given: Given) {
  const map = new OffsetMap({ maxBytes: 4800, loadFactor: 0.9, seed: 1 });
  for (const [key, offset] of Object.entries(given.map ?? {})) map.put(Buffer.from(key), offset);
  map.latestOffset = given.latestOffset ?? 1000;
  const stats = newCleanerStats();
  const task = {
    name: 't-0',
    directory: '/data/t-0',
    config: { ...defaultLogConfig, deleteRetentionMs: RETENTION_MS },
    nowMs: given.nowMs ?? NOW_MS,
    firstDirtyOffset: 0,
    firstDirtyPosition: 0,
    upperBoundOffset: given.upperBoundOffset ?? 2000,
    segments: [],
    abortedTransactions: given.aborted ?? [],
    lastRecords: given.lastRecords ?? [],
    limits: { dedupeBufferBytes: 0, loadFactor: 0, readBufferBytes: 0, maxIoBytesPerSecond: 0 },
    seed: 1,
  };
  return { filter: new BatchFilter(task, map, new CleanedTransactions(task.abortedTransactions), stats), stats };
}

type Text = readonly [key: string | null, value: string | null];

function batchOf(texts: readonly Text[], options: BatchOptions = {}): RecordBatch {
  const records = texts.map(([key, value], i) => ({
    timestamp: NOW_MS - 100 + i,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
  }));
  return new RecordBatch(buildBatch({ baseOffset: 10, ...options, records }));
}

const marker = (type: 0 | 1, baseOffset: number): RecordBatch =>
  new RecordBatch(
    buildEndTransactionMarkerBatch({
      ...{ type, baseOffset, producerId: 7, producerEpoch: 2, coordinatorEpoch: 0, timestamp: NOW_MS - 50 },
    }),
  );

/** A batch in words, null when nothing is left. */
function tell(bytes: Uint8Array | null): unknown {
  if (bytes === null) return null;
  const batch = new RecordBatch(bytes);
  batch.ensureValid();
  return {
    offsets: [batch.baseOffset, batch.lastOffset],
    horizonMs: batch.deleteHorizonMs,
    records: [...batch.records()].map(
      ({ offset, timestamp, key, value }) =>
        `${offset} ${timestamp - NOW_MS} ${key && Buffer.from(key)} ${value && Buffer.from(value)}`,
    ),
  };
}

test('the last record of each key stays, also one that the map knows an earlier offset of', () => {
  const { filter, stats } = filterOf({ map: { a: 12, b: 5, c: 13 } });
  const batch = batchOf([
    ['a', '0'],
    ['b', '1'],
    ['a', '2'],
    ['c', '3'],
    ['d', '4'],
  ]);
  assert.deepEqual(tell(filter.filter(batch)), {
    offsets: [10, 14],
    horizonMs: null,
    records: ['11 -99 b 1', '12 -98 a 2', '13 -97 c 3', '14 -96 d 4'],
  });
  assert.deepEqual([stats.recordsRead, stats.recordsWritten], [5, 4]);
});

test('a batch that stays whole is handed on as it is; of one without a rest nothing is left', () => {
  const { filter } = filterOf({ map: { a: 500 } });
  const whole = batchOf([['b', '1']]);
  assert.equal(filter.filter(whole)?.buffer, whole.bytes.buffer);
  assert.equal(filter.filter(batchOf([['a', '1']])), null);
});

test('what lies behind the map stays, without a key too; before its end such records go', () => {
  const { filter, stats } = filterOf({ map: { a: 500 }, latestOffset: 10 });
  const batch = batchOf([
    [null, '0'],
    [null, '1'],
    ['a', '2'],
  ]);
  assert.deepEqual(tell(filter.filter(batch)), {
    offsets: [10, 12],
    horizonMs: null,
    records: ['11 -99 null 1', '12 -98 a 2'],
  });
  assert.equal(stats.invalidRecordsRead, 1);
});

test('a tombstone gets a horizon at first, stays until then, and goes', () => {
  const batch = batchOf([
    ['a', null],
    ['b', '1'],
  ]);
  const first = filterOf({}).filter.filter(batch);
  const expected = {
    offsets: [10, 11],
    horizonMs: NOW_MS + RETENTION_MS,
    records: ['10 -100 a null', '11 -99 b 1'],
  };
  assert.deepEqual(tell(first), expected);
  const again = (nowMs: number) => tell(filterOf({ nowMs }).filter.filter(new RecordBatch(first!)));
  assert.deepEqual(again(NOW_MS + RETENTION_MS - 1), expected);
  assert.deepEqual(again(NOW_MS + RETENTION_MS), {
    offsets: [10, 11],
    horizonMs: NOW_MS + RETENTION_MS,
    records: ['11 -99 b 1'],
  });
});

test('a tombstone that a later record has overtaken goes at once', () => {
  assert.equal(filterOf({ map: { a: 11 } }).filter.filter(batchOf([['a', null]])), null);
});

test('the last batch of an active producer stays without its records, and so does the last batch of all', () => {
  const options: BatchOptions = { producerId: 7, producerEpoch: 2, baseSequence: 30, partitionLeaderEpoch: 4 };
  const batch = batchOf([['a', '1']], { ...options, compression: 'gzip' });
  const lastRecords = [{ producerId: 7, producerEpoch: 2, lastDataOffset: 10 }];
  const emptied = filterOf({ map: { a: 500 }, lastRecords }).filter.filter(batch)!;
  assert.deepEqual(tell(emptied), { offsets: [10, 10], horizonMs: null, records: [] });
  const { lastSequence, producerId, producerEpoch, partitionLeaderEpoch, maxTimestamp } = new RecordBatch(emptied);
  assert.deepEqual(
    { lastSequence, producerId, producerEpoch, partitionLeaderEpoch, maxTimestamp },
    { lastSequence: 30, producerId: 7, producerEpoch: 2, partitionLeaderEpoch: 4, maxTimestamp: NOW_MS - 100 },
  );
  const again = filterOf({ lastRecords }).filter;
  assert.deepEqual(tell(again.filter(new RecordBatch(emptied))), tell(emptied));
  assert.equal(filterOf({}).filter.filter(new RecordBatch(emptied)), null);
  assert.deepEqual(tell(filterOf({ map: { a: 500 }, upperBoundOffset: 11 }).filter.filter(batch)), tell(emptied));
  assert.equal(filterOf({ map: { a: 500 }, upperBoundOffset: 12 }).filter.filter(batch), null);
});

test('aborted data goes; its marker stays for this time', () => {
  const aborted = [{ producerId: 7, firstOffset: 10, lastOffset: 11, lastStableOffset: 12 }];
  const data = batchOf([['a', '1']], { producerId: 7, producerEpoch: 2, baseSequence: 0, isTransactional: true });
  const { filter } = filterOf({ aborted });
  assert.equal(filter.filter(data), null);
  assert.equal(filter.filter(marker(ControlRecordType.ABORT, 11))?.length, 78);
  const lastRecords = [{ producerId: 7, producerEpoch: 2, lastDataOffset: 10 }];
  const last = filterOf({ aborted, lastRecords }).filter;
  assert.deepEqual(tell(last.filter(data)), { offsets: [10, 10], horizonMs: null, records: [] });
});

test('a marker without data gets a horizon, stays until then, and goes unless the producer is known by nothing else', () => {
  const horizonMs = NOW_MS + RETENTION_MS;
  const first = filterOf({}).filter.filter(marker(ControlRecordType.COMMIT, 11))!;
  assert.equal(new RecordBatch(first).deleteHorizonMs, horizonMs);
  assert.equal([...new RecordBatch(first).records()][0]!.timestamp, NOW_MS - 50);
  const at = (nowMs: number, lastRecords: LastRecord[] = []) =>
    filterOf({ nowMs, lastRecords }).filter.filter(new RecordBatch(first));
  assert.deepEqual(Buffer.from(at(horizonMs - 1)!), Buffer.from(first));
  assert.equal(at(horizonMs), null);
  const onlyMarkers = { producerId: 7, producerEpoch: 2, lastDataOffset: -1 };
  assert.deepEqual(tell(at(horizonMs, [onlyMarkers])), { offsets: [11, 11], horizonMs: null, records: [] });
  assert.equal(at(horizonMs, [{ ...onlyMarkers, producerEpoch: 3 }]), null);
});

test('timestamps that the log gave, and the codec, are kept when a batch is written anew', () => {
  for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
    const batch = batchOf(
      [
        ['a', '1'],
        ['b', '2'],
      ],
      { logAppendTimeMs: NOW_MS - 5, compression },
    );
    const left = new RecordBatch(filterOf({ map: { a: 500 } }).filter.filter(batch)!);
    assert.deepEqual(tell(left.bytes), { offsets: [10, 11], horizonMs: null, records: ['11 -5 b 2'] });
    assert.deepEqual([left.compressionType, left.timestampType], [compression, 'LogAppendTime']);
  }
});

test('a damaged batch is not made good, whatever would become of it', () => {
  const aborted = [{ producerId: 7, firstOffset: 10, lastOffset: 11, lastStableOffset: 12 }];
  const transactional: BatchOptions = { producerId: 7, producerEpoch: 2, baseSequence: 0, isTransactional: true };
  const batches = [batchOf([['a', '1']]), batchOf([['a', '1']], transactional), marker(ControlRecordType.COMMIT, 11)];
  for (const batch of batches) {
    batch.bytes[batch.bytes.length - 2]! ^= 1;
    assert.throws(() => filterOf({ aborted }).filter.filter(batch), CorruptDataError);
  }
});

test('a large delete.retention.ms does not overflow', () => {
  const { filter } = filterOf({ nowMs: Number.MAX_SAFE_INTEGER - 1 });
  const left = new RecordBatch(filter.filter(batchOf([['a', null]]))!);
  assert.equal(left.deleteHorizonMs, Number.MAX_SAFE_INTEGER);
  assert.equal([...left.records()][0]!.timestamp, NOW_MS - 100);
});

const messageV1 = (offset: number, key: string, value: string | null): Buffer =>
  legacyMessage({ magic: 1, offset, key, value, timestamp: 7 });

test('messages of older formats that stay become batches', () => {
  const { filter } = filterOf({ map: { a: 500 }, upperBoundOffset: 21 });
  const left = filter.filterLegacy(messageV1(20, 'b', 'x'))!;
  assert.deepEqual(tell(left), { offsets: [20, 20], horizonMs: null, records: [`20 ${7 - NOW_MS} b x`] });
  assert.equal(filter.filterLegacy(messageV1(19, 'a', 'x')), null);
  assert.deepEqual(tell(filter.filterLegacy(messageV1(20, 'a', 'x'))), {
    offsets: [20, 20],
    horizonMs: null,
    records: [],
  });
});

test('tombstones of older formats go by the age of their segment', () => {
  const { filter } = filterOf({});
  assert.deepEqual(tell(filter.filterLegacy(messageV1(20, 'b', null))), {
    offsets: [20, 20],
    horizonMs: NOW_MS + RETENTION_MS,
    records: [`20 ${7 - NOW_MS} b null`],
  });
  filter.retainsLegacyTombstones = false;
  assert.equal(filter.filterLegacy(messageV1(20, 'b', null)), null);
});
