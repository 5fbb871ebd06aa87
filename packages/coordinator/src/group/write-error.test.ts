import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode, errorName } from '@skarab/protocol';
import { writeErrorToResponse } from './write-error.ts';

test('what happened to the log becomes what clients can do about it', () => {
  const changed = Object.values(ErrorCode).flatMap((error) => {
    const told = writeErrorToResponse(error);
    return told === error ? [] : [`${errorName(error)} -> ${errorName(told)}`];
  });
  assert.deepEqual(changed, [
    'UNKNOWN_TOPIC_OR_PARTITION -> COORDINATOR_NOT_AVAILABLE',
    'INVALID_FETCH_SIZE -> UNKNOWN_SERVER_ERROR',
    'NOT_LEADER_OR_FOLLOWER -> NOT_COORDINATOR',
    'REQUEST_TIMED_OUT -> COORDINATOR_NOT_AVAILABLE',
    'MESSAGE_TOO_LARGE -> UNKNOWN_SERVER_ERROR',
    'NETWORK_EXCEPTION -> COORDINATOR_LOAD_IN_PROGRESS',
    'RECORD_LIST_TOO_LARGE -> UNKNOWN_SERVER_ERROR',
    'NOT_ENOUGH_REPLICAS -> COORDINATOR_NOT_AVAILABLE',
    'KAFKA_STORAGE_ERROR -> NOT_COORDINATOR',
  ]);
});
