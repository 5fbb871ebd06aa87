import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode } from '@skarab/protocol';
import { type AskedPartition, FetchSessionHandler, type SessionRequest } from './fetch-session-handler.ts';

function wanted(...offsets: (number | undefined)[]): Map<string, AskedPartition> {
  const asked = new Map<string, AskedPartition>();
  for (const [partition, fetchOffset] of offsets.entries()) {
    if (fetchOffset === undefined) continue;
    const where = { topicId: 'A', partition, fetchOffset };
    asked.set(String(partition), {
      ...where,
      logStartOffset: 0,
      maxBytes: 100,
      currentLeaderEpoch: 1,
      lastFetchedEpoch: 1,
    });
  }
  return asked;
}

function told(request: SessionRequest | undefined) {
  if (request === undefined) return undefined;
  return {
    session: [request.sessionId, request.sessionEpoch],
    asked: request.topics.flatMap(({ partitions }) => partitions.map((p) => [p.partition, Number(p.fetchOffset)])),
    forgotten: request.forgottenTopicsData.flatMap(({ partitions }) => partitions),
  };
}

test('the first request is full, the next ones tell what changed', () => {
  const handler = new FetchSessionHandler();
  assert.deepEqual(told(handler.build(wanted(5, 7))), {
    session: [0, 0],
    asked: [
      [0, 5],
      [1, 7],
    ],
    forgotten: [],
  });
  assert.equal(handler.onResponse(ErrorCode.NONE, 99), true);
  assert.deepEqual(told(handler.build(wanted(5, 8))), { session: [99, 1], asked: [[1, 8]], forgotten: [] });
  handler.onResponse(ErrorCode.NONE, 99);
  assert.deepEqual(told(handler.build(wanted(5, undefined, 3))), { session: [99, 2], asked: [[2, 3]], forgotten: [1] });
  handler.onResponse(ErrorCode.NONE, 99);
  assert.deepEqual(told(handler.build(wanted(5, undefined, 3))), { session: [99, 3], asked: [], forgotten: [] });
});

test('nothing to ask and nothing to forget is no request', () => {
  const handler = new FetchSessionHandler();
  assert.equal(handler.build(wanted()), undefined);
  handler.build(wanted(1));
  handler.onResponse(ErrorCode.NONE, 9);
  assert.deepEqual(told(handler.build(wanted())), { session: [9, 1], asked: [], forgotten: [0] });
  handler.onResponse(ErrorCode.NONE, 9);
  assert.equal(handler.build(wanted()), undefined);
});

test('a session that is lost is begun anew; one that may be there is ended with that', () => {
  const handler = new FetchSessionHandler();
  handler.build(wanted(1));
  handler.onResponse(ErrorCode.NONE, 9);
  handler.build(wanted(1));
  handler.onFailure();
  assert.deepEqual(told(handler.build(wanted(1)))?.session, [9, 0]);
  handler.onResponse(ErrorCode.NONE, 10);
  handler.build(wanted(1));
  assert.equal(handler.onResponse(ErrorCode.FETCH_SESSION_ID_NOT_FOUND, 0), false);
  assert.deepEqual(told(handler.build(wanted(1))), { session: [0, 0], asked: [[0, 1]], forgotten: [] });
  handler.onResponse(ErrorCode.NONE, 0);
  assert.deepEqual(told(handler.build(wanted(1)))?.session, [0, 0], 'no room for a session: always full');
});
