import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StorageError } from '@skarab/base';
import type { PartitionLog } from '@skarab/log';
import { ErrorCode } from '@skarab/protocol';
import { readLog } from './partition-read.ts';

const REQUEST = {
  fetchOffset: 0,
  maxBytes: 100,
  minOneMessage: true,
  upperBound: 'highWatermark',
  currentLeaderEpoch: -1,
  lastFetchedEpoch: -1,
  fromLeaderOnly: true,
  follower: undefined,
} as const;

function logThatThrows(error: Error): PartitionLog {
  const read = (): never => {
    throw error;
  };
  return { highWatermark: 1, lastStableOffset: 1, logStartOffset: 0, read } as unknown as PartitionLog;
}

test('a log whose directory has failed is an answer, not an error of the whole request', () => {
  const result = readLog(logThatThrows(new StorageError('/data', 'OFFLINE', 'offline')), REQUEST);
  assert.deepEqual([result.errorCode, result.read], [ErrorCode.KAFKA_STORAGE_ERROR, undefined]);
  assert.throws(() => readLog(logThatThrows(new RangeError('ours')), REQUEST), RangeError);
});
