import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode } from '@skarab/protocol';
import { parseSharePartitionKey, type SharePartitionKey } from '../src/index.ts';
import { partitionForSharePartition } from '../src/share/share-partition-key.ts';
import { ShareHost } from './share-host.ts';

const TOPIC = 'BBBBBBBBBBBBBBBBBBBBBA';
const UNKNOWN = 'ABBBBBBBBBBBBBBBBBBBBA';

const initialize = (startOffset = -1n, stateEpoch = 1, topicId = TOPIC) => ({
  groupId: 'g',
  topics: [{ topicId, partitions: [{ partition: 0, stateEpoch, startOffset }] }],
});

const write = (fields: { firstOffset: bigint; lastOffset: bigint; deliveryCount: number; leaderEpoch?: number }) => {
  const { leaderEpoch = 0, ...batch } = fields;
  return {
    groupId: 'g',
    topics: [
      {
        topicId: TOPIC,
        partitions: [
          {
            partition: 0,
            stateEpoch: 1,
            leaderEpoch,
            startOffset: -1n,
            deliveryCompleteCount: 0,
            stateBatches: [{ ...batch, deliveryState: 2 }],
          },
        ],
      },
    ],
  };
};

const read = (leaderEpoch = -1) => ({
  groupId: 'g',
  topics: [{ topicId: TOPIC, partitions: [{ partition: 0, leaderEpoch }] }],
});

test('what is written is read, also by a coordinator that loads the log', () => {
  const host = new ShareHost();
  host.request('initialize', initialize(5n));
  host.request('write', write({ firstOffset: 5n, lastOffset: 9n, deliveryCount: 1 }));
  host.request('write', write({ firstOffset: 8n, lastOffset: 12n, deliveryCount: 2 }));
  const expected = {
    results: [
      {
        topicId: TOPIC,
        partitions: [
          {
            partition: 0,
            errorCode: ErrorCode.NONE,
            errorMessage: null,
            stateEpoch: 1,
            startOffset: 5n,
            stateBatches: [
              { firstOffset: 5n, lastOffset: 7n, deliveryState: 2, deliveryCount: 1 },
              { firstOffset: 8n, lastOffset: 12n, deliveryState: 2, deliveryCount: 2 },
            ],
          },
        ],
      },
    ],
  };
  assert.deepEqual(host.request('read', read()), expected);
  assert.deepEqual(new ShareHost({}, host.log).request('read', read()), expected);
});

test('a read by a new leader fences the writes of the old one', () => {
  const host = new ShareHost();
  host.request('initialize', initialize());
  host.request('read', read(3));
  assert.equal(host.log.length, 2);
  host.request('read', read(3));
  assert.equal(host.log.length, 2);
  const late = write({ firstOffset: 0n, lastOffset: 0n, deliveryCount: 1, leaderEpoch: 2 });
  const [result] = host.request('write', late)!.results[0]!.partitions;
  assert.deepEqual(
    [result!.errorCode, result!.errorMessage],
    [ErrorCode.FENCED_LEADER_EPOCH, 'The leader epoch in the request is older than the epoch on the broker.'],
  );
});

test('an answer waits for the commit, and for the one before it', () => {
  const host = new ShareHost();
  host.request('initialize', initialize());
  host.commits = false;
  assert.equal(host.request('write', write({ firstOffset: 0n, lastOffset: 1n, deliveryCount: 1 })), undefined);
  assert.equal(host.request('read', read()), undefined);
  host.commit();
  assert.equal(host.takeResponses().length, 2);
});

test('unknown topics, bad partitions, empty requests', () => {
  const host = new ShareHost();
  const error = (response: ReturnType<typeof host.request>): number => response!.results[0]!.partitions[0]!.errorCode;
  assert.equal(error(host.request('initialize', initialize(-1n, 1, UNKNOWN))), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
  assert.equal(error(host.request('read', read())), ErrorCode.INVALID_REQUEST);
  assert.deepEqual(host.request('read', { groupId: '', topics: read().topics }), { results: [] });
  assert.deepEqual(host.request('delete', { groupId: 'g', topics: [{ topicId: TOPIC, partitions: [] }] }), {
    results: [],
  });
  assert.equal(host.log.length, 0);
});

test('states go with their topics, and requests are refused after the end', () => {
  const host = new ShareHost();
  host.request('initialize', initialize());
  host.deleteTopics(UNKNOWN);
  assert.equal(host.log.length, 1);
  host.deleteTopics(TOPIC);
  assert.equal(host.log[1]!.value, null);
  host.shutdown();
  const response = host.request('read', read())!;
  assert.equal(response.results[0]!.partitions[0]!.errorMessage, 'Share coordinator is not available.');
  assert.equal(host.nextDeadlineMs(), null);
});

test('cold states get a snapshot, and what it replaces is pruned', () => {
  const host = new ShareHost({
    coldPartitionSnapshotIntervalMs: 100,
    pruneIntervalMs: 1000,
    snapshotUpdateRecordsPerSnapshot: 0,
  });
  host.request('initialize', initialize());
  host.nowMs = 1050;
  host.request('initialize', { groupId: 'h', topics: initialize().topics });
  host.advanceTo(1100);
  assert.equal(host.log.length, 3, 'only the older of the two is cold');
  host.advanceTo(2000);
  assert.deepEqual(host.pruned, [1], 'the snapshot of the other group is the first that is needed');
});

test('keys are read from the right', () => {
  const key: SharePartitionKey = { groupId: 'a:b', topicId: TOPIC, partition: 7 };
  assert.deepEqual(parseSharePartitionKey(`a:b:${TOPIC}:7`), key);
  for (const text of ['', 'a', `:${TOPIC}:1`, `g:${TOPIC}`, `g:${TOPIC}:x`, 'g:no-uuid:1', `g:${TOPIC}:2147483648`])
    assert.equal(parseSharePartitionKey(text), null, text);
  assert.equal(partitionForSharePartition(key, 1), 0);
});
