import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SegmentToClean } from './cleaning-task.ts';
import { groupSegments } from './segment-groups.ts';

const segment = (baseOffset: number, size: number, offsetIndexSize = 8, timeIndexSize = 12): SegmentToClean => ({
  ...{ baseOffset, size, offsetIndexSize, timeIndexSize, modifiedMs: 0 },
});

function group(segments: SegmentToClean[], segmentBytes = 100, segmentIndexBytes = 1000, upperBoundOffset?: number) {
  const bound = upperBoundOffset ?? segments.at(-1)!.baseOffset + 10;
  return groupSegments(segments, { segmentBytes, segmentIndexBytes, upperBoundOffset: bound }).map((members) =>
    members.map(({ baseOffset }) => baseOffset),
  );
}

test('neighbours are grouped up to the size of a segment', () => {
  assert.deepEqual(group([segment(0, 50), segment(10, 50), segment(20, 1), segment(30, 200), segment(40, 0)]), [
    [0, 10],
    [20],
    [30],
    [40],
  ]);
  assert.deepEqual(group([segment(0, 0), segment(10, 0), segment(20, 100)]), [[0, 10, 20]]);
});

test('neighbours are grouped up to the size of an index', () => {
  assert.deepEqual(group([segment(0, 1, 8), segment(10, 1, 8), segment(20, 1, 8)], 100, 40), [[0, 10, 20]]);
  assert.deepEqual(group([segment(0, 1, 24), segment(10, 1, 24)], 100, 40), [[0], [10]]);
  assert.deepEqual(group([segment(0, 1, 8, 24), segment(10, 1, 8, 24)], 100, 40), [[0], [10]]);
});

test('a group spans no more offsets than an index can express, except by empty segments', () => {
  const far = 2 ** 31;
  assert.deepEqual(group([segment(0, 1), segment(10, 1), segment(far, 1)]), [[0, 10], [far]]);
  assert.deepEqual(group([segment(0, 1), segment(10, 1)], 100, 1000, far), [[0, 10]]);
  assert.deepEqual(group([segment(0, 1), segment(10, 1)], 100, 1000, far + 1), [[0], [10]]);
  assert.deepEqual(group([segment(0, 1), segment(10, 0)], 100, 1000, far + 1), [[0, 10]]);
});
