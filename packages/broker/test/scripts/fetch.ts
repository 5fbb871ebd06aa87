/**
 * Fetch v4–v18: versions, bounds in bytes and time, offsets, leader epochs, topic ids, isolation, sessions, replicas.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  ApiKey,
  type FetchRequest,
  type FetchResponse,
  newFetchRequestFetchPartition,
  newFetchRequestFetchTopic,
  newFetchRequestForgottenTopic,
  newFetchRequestReplicaState,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { batch, byVersion, fetch, makeTopic, produce } from './messages.ts';

const api = ApiKey.FETCH;
const UNKNOWN_ID = 'dW5rbm93bi10b3BpYy1pZA';

async function append(r: Recorder, topic: string, values: readonly string[], partition = 0): Promise<void> {
  const request = produce({ topic, partition, records: batch(values) });
  await r.prepare<{ responses: { partitionResponses: { errorCode: number }[] }[] }>(
    ApiKey.PRODUCE,
    12,
    request,
    ({ responses }) => responses[0]?.partitionResponses[0]?.errorCode === 0,
  );
}

async function versionsAndOffsets(r: Recorder): Promise<string> {
  const topic = 'fetch-a';
  const topicId = await makeTopic(r, topic);
  await append(r, topic, ['0', '1', '2']);
  await append(r, topic, ['3', '4']);
  await append(r, topic, ['5']);
  await r.call('every version', api, [4, 18], (version) => fetch(byVersion(version, topic, topicId)));
  await r.call('from within a batch', api, 12, fetch({ topic, offset: 4 }));
  await r.call('from the end', api, 12, fetch({ topic, offset: 6 }));
  await r.call('behind the end', api, [4, 12], fetch({ topic, offset: 7 }));
  await r.call('a negative offset', api, 12, fetch({ topic, offset: -1 }));
  await r.call('far behind the end', api, 12, fetch({ topic, offset: 1n << 40n }));
  await r.call('read committed', api, [4, 12], fetch({ topic, isolationLevel: 1 }));
  await r.call('an unknown isolation level', api, 12, fetch({ topic, isolationLevel: 2 }));
  await r.call('an unknown topic', api, 12, fetch({ topic: 'fetch-none' }));
  await r.call('an unknown partition', api, 12, fetch({ topic, partition: { partition: 9 } }));
  await r.call('a negative partition', api, 12, fetch({ topic, partition: { partition: -1 } }));
  await r.call('an unknown topic id', api, [13, 18], fetch({ topicId: UNKNOWN_ID }));
  await r.call('the zero topic id', api, 13, fetch({ topicId: ZERO_UUID }));
  await r.call('no topics', api, 12, fetch({}));
  return topicId;
}

async function bounds(r: Recorder): Promise<void> {
  const topic = 'fetch-a';
  const size = batch(['5']).byteLength;
  await r.call(
    'room for one byte: the first batch comes whole',
    api,
    12,
    fetch({ topic, partition: { partitionMaxBytes: 1 } }),
  );
  await r.call('room for one byte in all', api, 12, fetch({ topic, maxBytes: 1 }));
  await r.call('room for nothing', api, 12, fetch({ topic, maxBytes: 0, partition: { partitionMaxBytes: 0 } }));
  await r.call('negative bounds', api, 12, fetch({ topic, maxBytes: -1, partition: { partitionMaxBytes: -1 } }));
  await r.call('room for a batch and a bit', api, 12, fetch({ topic, partition: { partitionMaxBytes: 2 * size } }));
  await makeTopic(r, 'fetch-two', { partitions: 2 });
  await append(r, 'fetch-two', ['p0 a']);
  await append(r, 'fetch-two', ['p0 b']);
  await append(r, 'fetch-two', ['p1 a'], 1);
  const both = (order: readonly number[], maxBytes: number): FetchRequest => ({
    ...fetch({ maxBytes }),
    topics: [
      newFetchRequestFetchTopic({
        topic: 'fetch-two',
        partitions: order.map((partition) => newFetchRequestFetchPartition({ partition, partitionMaxBytes: 1 << 20 })),
      }),
    ],
  });
  await r.call('two partitions, room for one batch', api, 12, both([0, 1], 10));
  await r.call('two partitions the other way round', api, 12, both([1, 0], 10));
  await r.call('two partitions, room for all', api, 12, both([0, 1], 1 << 20));
}

async function waits(r: Recorder): Promise<void> {
  const topic = 'fetch-wait';
  await makeTopic(r, topic);
  const timed = async (request: FetchRequest, act?: () => Promise<void>): Promise<unknown> => {
    const started = performance.now();
    const answer = r.start<FetchResponse>(api, 12, request, 'waiter');
    await act?.();
    const { responses } = await answer;
    const elapsedMs = performance.now() - started;
    // A timer may be early by a millisecond.
    return { responses, answered: elapsedMs < request.maxWaitMs - 1 ? 'before max wait' : 'at max wait' };
  };
  const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));
  r.note('nothing there: waits for max wait', await timed(fetch({ topic, minBytes: 1, maxWaitMs: 300 })));
  r.note('nothing there, min bytes 0: answers at once', await timed(fetch({ topic, minBytes: 0, maxWaitMs: 4_000 })));
  const arrives = async (): Promise<void> => {
    await settle();
    await append(r, topic, ['arrived']);
  };
  r.note('records arrive: answers at once', await timed(fetch({ topic, minBytes: 1, maxWaitMs: 4_000 }), arrives));
  r.note('there already: answers at once', await timed(fetch({ topic, minBytes: 1, maxWaitMs: 4_000 })));
  r.note('too little there: waits for max wait', await timed(fetch({ topic, minBytes: 10_000, maxWaitMs: 300 })));
  r.note('an error does not wait', await timed(fetch({ topic, offset: 99, minBytes: 1, maxWaitMs: 4_000 })));
  r.note('an unknown topic does not wait', await timed(fetch({ topic: 'fetch-none', minBytes: 1, maxWaitMs: 4_000 })));
}

async function epochs(r: Recorder, topicId: string): Promise<void> {
  const topic = 'fetch-a';
  const at = (currentLeaderEpoch: number, lastFetchedEpoch = -1, offset = 6): FetchRequest =>
    fetch({ topic, offset, partition: { currentLeaderEpoch, lastFetchedEpoch } });
  await r.call('the current leader epoch', api, 12, at(0));
  await r.call('a leader epoch to come', api, [9, 12], at(5));
  await r.call('a leader epoch to come, by id', api, 16, {
    ...fetch({ topicId, partition: { currentLeaderEpoch: 5 } }),
  });
  await r.call('the last fetched epoch is the current one', api, 12, at(0, 0));
  await r.call('the last fetched epoch is unknown: the offset diverges', api, 12, at(0, 3));
  await r.call('the last fetched epoch, offset too high', api, 12, at(0, 0, 9));
}

async function sessions(r: Recorder): Promise<void> {
  const topic = 'fetch-session';
  await makeTopic(r, topic, { partitions: 2 });
  await append(r, topic, ['0']);
  const request = (
    sessionId: number,
    sessionEpoch: number,
    positions: readonly (readonly [number, number])[],
    forget: readonly number[] = [],
  ): FetchRequest => ({
    ...fetch({ sessionId, sessionEpoch }),
    topics:
      positions.length === 0
        ? []
        : [
            newFetchRequestFetchTopic({
              topic,
              partitions: positions.map(([partition, offset]) =>
                newFetchRequestFetchPartition({ partition, fetchOffset: BigInt(offset), partitionMaxBytes: 1 << 20 }),
              ),
            }),
          ],
    forgottenTopicsData: forget.length === 0 ? [] : [newFetchRequestForgottenTopic({ topic, partitions: [...forget] })],
  });
  const both = [
    [0, 0],
    [1, 0],
  ] as const;
  const full = await r.call<FetchResponse>('a new session', api, 12, request(0, 0, both));
  const id = full.sessionId;
  await r.call('incremental, nothing has changed but the offset', api, 12, request(id, 1, [[0, 1]]));
  await r.call('incremental, nothing at all', api, 12, request(id, 2, []));
  await append(r, topic, ['new'], 1);
  await r.call('incremental, one partition has news', api, 12, request(id, 3, []));
  await r.call('incremental, the same news again', api, 12, request(id, 4, []));
  await r.call('a wrong epoch', api, 12, request(id, 9, []));
  await r.call('an old epoch', api, 12, request(id, 4, []));
  await r.call('the session lives on', api, 12, request(id, 5, [[1, 1]]));
  await r.call('forgetting a partition', api, 12, request(id, 6, [], [1]));
  await append(r, topic, ['newer'], 1);
  await r.call('a forgotten partition has news', api, 12, request(id, 7, []));
  await r.call('an unknown topic in a session', api, 12, {
    ...request(id, 8, []),
    topics: [newFetchRequestFetchTopic({ topic: 'fetch-none', partitions: [newFetchRequestFetchPartition({})] })],
  });
  await r.call('its error is said again', api, 12, request(id, 9, []));
  await r.call('closing the session', api, 12, request(id, -1, []));
  await r.call('a closed session', api, 12, request(id, 10, []));
  await r.call('an unknown session', api, 12, request(987654, 1, []));
  await r.call('an unknown session is closed', api, 12, request(987654, -1, both));
  await r.call('no session: epoch -1', api, 12, request(0, -1, both));
  await r.call('no session, but an epoch', api, 12, request(0, 5, both));
  const again = await r.call<FetchResponse>('another session', api, 12, request(0, 0, both));
  await r.call('replacing a session by a new one', api, 12, request(again.sessionId, 0, [[0, 0]]));
  await r.call('the replaced session is gone', api, 12, request(again.sessionId, 1, []));
}

async function sessionsById(r: Recorder, topicId: string): Promise<void> {
  const other = await makeTopic(r, 'fetch-session-id');
  await append(r, 'fetch-session-id', ['x']);
  const withSession = (
    sessionId: number,
    sessionEpoch: number,
    id: string | undefined,
    forget: string[] = [],
  ): FetchRequest => ({
    ...fetch({ sessionId, sessionEpoch, ...(id !== undefined && { topicId: id }) }),
    forgottenTopicsData: forget.map((forgotten) =>
      newFetchRequestForgottenTopic({ topicId: forgotten, partitions: [0] }),
    ),
  });
  const { sessionId } = await r.call<FetchResponse>('a session by id', api, 16, withSession(0, 0, other));
  await r.call('adding an unknown id', api, 16, withSession(sessionId, 1, UNKNOWN_ID));
  await r.call('adding a known id', api, 16, withSession(sessionId, 2, topicId));
  await r.call('forgetting one', api, 16, withSession(sessionId, 3, undefined, [other]));
  await r.call('names in a session of ids', api, 12, fetch({ topic: 'fetch-session-id', sessionId, sessionEpoch: 4 }));
}

async function replicas(r: Recorder, topicId: string): Promise<void> {
  const topic = 'fetch-a';
  await r.call('as a replica that is none', api, 12, fetch({ topic, replicaId: 7 }));
  await r.call('as the leader itself', api, 12, fetch({ topic, replicaId: 1 }));
  await r.call('as the debugging consumer', api, 12, fetch({ topic, replicaId: -2 }));
  const replicaState = newFetchRequestReplicaState({ replicaId: 7, replicaEpoch: 1n });
  await r.call('as a replica that is none, with an epoch', api, 15, fetch({ topicId, replicaState }));
  for (const currentLeaderEpoch of [0, 5]) {
    const at = { topic, topicId, replicaId: 7, partition: { currentLeaderEpoch } };
    await r.call(`as a replica that is none, in leader epoch ${currentLeaderEpoch}`, api, 12, fetch(at));
    const later = { topicId, replicaState, partition: { currentLeaderEpoch } };
    await r.call(
      `as a replica that is none, in leader epoch ${currentLeaderEpoch}, with its own`,
      api,
      18,
      fetch(later),
    );
  }
  await r.call('a rack', api, 12, fetch({ topic, rackId: 'rack-a' }));
  await r.call('a wrong cluster id', api, 12, fetch({ topic, clusterId: 'wrong' }));
}

export const fetchScript: Script = {
  name: 'fetch',
  run: async (r) => {
    const topicId = await versionsAndOffsets(r);
    await bounds(r);
    await waits(r);
    await epochs(r, topicId);
    await sessions(r);
    await sessionsById(r, topicId);
    await replicas(r, topicId);
  },
};
