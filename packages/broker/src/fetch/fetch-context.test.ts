import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, ZERO_UUID } from '@skarab/base';
import {
  ErrorCode,
  type FetchRequest,
  newFetchRequest,
  newFetchRequestFetchPartition,
  newFetchRequestFetchTopic,
  newFetchRequestForgottenTopic,
} from '@skarab/protocol';
import { type FetchContext, resolveFetchContext } from './fetch-context.ts';
import type { FetchOutcome } from './fetch-session.ts';
import { FetchSessionCache } from './fetch-session-cache.ts';

const VERSION = 12;

function request(
  sessionId: number,
  sessionEpoch: number,
  partitions: readonly number[],
  forgotten: readonly number[] = [],
): FetchRequest {
  return newFetchRequest({
    replicaId: -1,
    sessionId,
    sessionEpoch,
    topics: [
      newFetchRequestFetchTopic({
        topic: 'a',
        partitions: partitions.map((partition) => newFetchRequestFetchPartition({ partition, partitionMaxBytes: 100 })),
      }),
    ],
    forgottenTopicsData: [newFetchRequestForgottenTopic({ topic: 'a', partitions: [...forgotten] })],
  });
}

function cache(slots = 10): FetchSessionCache {
  return new FetchSessionCache(slots, seededRandom(1));
}

function resolve(sessions: FetchSessionCache, asked: FetchRequest, nowMs = 0): FetchContext {
  const resolved = resolveFetchContext(asked, VERSION, sessions, () => null, nowMs);
  assert.ok('context' in resolved, `error ${JSON.stringify(resolved)}`);
  return resolved.context;
}

function outcome(highWatermark: number, recordsBytes = 0, errorCode: number = ErrorCode.NONE): FetchOutcome {
  return { errorCode, highWatermark, logStartOffset: 0, recordsBytes, diverging: false, preferredReadReplica: -1 };
}

const order = (context: FetchContext): number[] => context.partitions.map(({ partition }) => partition);

test('a session answers only what is news, and serves who had data last', () => {
  const sessions = cache();
  const { sessionId, included } = resolve(sessions, request(0, 0, [0, 1, 2])).conclude([
    outcome(5),
    outcome(5, 50),
    outcome(5),
  ]);
  assert.notEqual(sessionId, 0);
  assert.deepEqual(included, [true, true, true]);
  const second = resolve(sessions, request(sessionId, 1, []));
  assert.deepEqual(order(second), [0, 2, 1]);
  assert.deepEqual(second.conclude([outcome(5), outcome(6), outcome(5, 10)]), {
    sessionId,
    included: [false, true, true],
  });
  const third = resolve(sessions, request(sessionId, 2, [3], [0]));
  assert.deepEqual(order(third), [2, 1, 3]);
  assert.deepEqual(third.conclude([outcome(6), outcome(5), outcome(-1, 0, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)]), {
    sessionId,
    included: [false, false, true],
  });
});

test('unknown sessions and wrong epochs are refused', () => {
  const sessions = cache();
  assert.deepEqual(
    resolveFetchContext(request(7, 1, []), VERSION, sessions, () => null, 0),
    {
      errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND,
    },
  );
  const { sessionId } = resolve(sessions, request(0, 0, [0])).conclude([outcome(0)]);
  assert.deepEqual(
    resolveFetchContext(request(sessionId, 5, []), VERSION, sessions, () => null, 0),
    {
      errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH,
    },
  );
  assert.deepEqual(
    resolveFetchContext(request(sessionId, 1, []), 13, sessions, () => ZERO_UUID, 0),
    {
      errorCode: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR,
    },
  );
});

test('the final epoch ends a session; an emptied session is sessionless', () => {
  const sessions = cache();
  const { sessionId } = resolve(sessions, request(0, 0, [0])).conclude([outcome(0)]);
  assert.equal(resolve(sessions, request(sessionId, 1, [], [0])).conclude([]).sessionId, 0);
  assert.equal(sessions.size, 0);
  const other = resolve(sessions, request(0, 0, [0])).conclude([outcome(0)]);
  assert.deepEqual(resolve(sessions, request(other.sessionId, -1, [0])).conclude([outcome(0)]), {
    sessionId: 0,
    included: [true],
  });
  assert.equal(sessions.size, 0);
});

test('a full cache gives no session until an old one may be pushed out', () => {
  const sessions = cache(1);
  const first = resolve(sessions, request(0, 0, [0]), 0).conclude([outcome(0)]);
  assert.notEqual(first.sessionId, 0);
  assert.equal(resolve(sessions, request(0, 0, [0, 1]), 1000).conclude([outcome(0), outcome(0)]).sessionId, 0);
  const later = resolve(sessions, request(0, 0, [0, 1]), 130_000).conclude([outcome(0), outcome(0)]);
  assert.notEqual(later.sessionId, 0);
  assert.equal(sessions.evictions, 1);
  assert.equal(sessions.get(first.sessionId), undefined);
});

test('what came with a cut is told again, as a follower that cuts takes in nothing else', () => {
  const sessions = cache();
  const { sessionId } = resolve(sessions, request(0, 0, [0])).conclude([{ ...outcome(5), diverging: true }]);
  assert.deepEqual(resolve(sessions, request(sessionId, 1, [])).conclude([outcome(5)]).included, [true]);
  assert.deepEqual(resolve(sessions, request(sessionId, 2, [])).conclude([outcome(5)]).included, [false]);
});
