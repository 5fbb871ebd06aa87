import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryRaftLog } from '../testing/memory-raft-log.ts';
import { type LogView, truncationOffset, validateEnd } from './log-view.ts';
import type { OffsetAndEpoch } from './offset-and-epoch.ts';

/** A log of nothing but epochs; the last one ends at `endOffset`. */
function logOf(
  epochs: [epoch: number, startOffset: number][],
  endOffset: number,
  snapshots: OffsetAndEpoch[] = [],
): LogView {
  const log = new MemoryRaftLog();
  for (const [epoch, startOffset] of epochs) log.beginEpoch(epoch, startOffset);
  return {
    startOffset: snapshots[0]?.offset ?? 0,
    endOffset,
    lastEpoch: log.lastEpoch,
    endOffsetForEpoch: (epoch) =>
      epoch === log.lastEpoch ? { offset: endOffset, epoch } : log.endOffsetForEpoch(epoch),
    earliestSnapshot: snapshots[0] ?? null,
    latestSnapshot: snapshots.at(-1) ?? null,
    snapshotSizeInBytes: () => null,
  };
}

test('an empty log may continue one that begins at 0', () => {
  assert.deepEqual(validateEnd(logOf([[1, 0]], 10), 0, 0), { kind: 'valid' });
  const formatted = logOf([[1, 0]], 10, [{ offset: 0, epoch: 0 }]);
  assert.deepEqual(validateEnd(formatted, 0, 0), { kind: 'valid' }, 'what formatting wrote is not handed out');
  const cut = { ...logOf([[1, 0]], 10, [{ offset: 4, epoch: 1 }]), startOffset: 0 };
  assert.deepEqual(validateEnd(cut, 0, 0), { kind: 'snapshot', id: { offset: 4, epoch: 1 } });
});

test('logs part at the end of the last epoch that both have', () => {
  const log = logOf(
    [
      [1, 0],
      [3, 10],
      [7, 20],
    ],
    30,
  );
  assert.deepEqual(validateEnd(log, 15, 3), { kind: 'valid' });
  assert.deepEqual(validateEnd(log, 20, 3), { kind: 'valid' });
  assert.deepEqual(validateEnd(log, 21, 3), { kind: 'diverging', end: { offset: 20, epoch: 3 } });
  assert.deepEqual(validateEnd(log, 12, 2), { kind: 'diverging', end: { offset: 10, epoch: 1 } });
  assert.deepEqual(validateEnd(log, 31, 7), { kind: 'diverging', end: { offset: 30, epoch: 7 } });
  assert.deepEqual(validateEnd(log, 30, 8), { kind: 'diverging', end: { offset: 30, epoch: 7 } });
});

test('before the log there are snapshots', () => {
  const snapshots = [
    { offset: 10, epoch: 2 },
    { offset: 15, epoch: 3 },
  ];
  const log = logOf([[3, 10]], 20, snapshots);
  const newest = { kind: 'snapshot', id: { offset: 15, epoch: 3 } };
  assert.deepEqual(validateEnd(log, 9, 2), newest);
  assert.deepEqual(validateEnd(log, 10, 1), newest);
  assert.deepEqual(validateEnd(log, 18, 1), newest);
  assert.deepEqual(validateEnd(log, 10, 2), { kind: 'valid' }, 'where the snapshot ends');
  assert.deepEqual(validateEnd(log, 12, 2), { kind: 'diverging', end: { offset: 10, epoch: 2 } });
});

test('a log is cut where its own epoch ends, or that of the leader', () => {
  const log = logOf(
    [
      [1, 0],
      [3, 10],
      [5, 20],
    ],
    30,
  );
  assert.equal(truncationOffset(log, { offset: 15, epoch: 3 }), 15);
  assert.equal(truncationOffset(log, { offset: 25, epoch: 3 }), 20);
  assert.equal(truncationOffset(log, { offset: 25, epoch: 4 }), 20, 'of the epoch before the one it does not have');
  assert.equal(truncationOffset(log, { offset: 0, epoch: 0 }), 0);
});
