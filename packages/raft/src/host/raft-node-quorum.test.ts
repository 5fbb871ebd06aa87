/** A node of two, whose other is played by the test. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, silentLogger, TransportError } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import { MemoryStorage } from '@skarab/log/testing';
import { ApiError, ApiKey, ErrorCode, newVoteResponse, newVoteResponsePartitionData } from '@skarab/protocol';
import { BOOTSTRAP_SNAPSHOT_ID, snapshotName } from '../core/offset-and-epoch.ts';
import type { RaftRequest, RaftResponse } from '../core/raft-messages.ts';
import { SnapshotBatches } from '../core/snapshot-batches.ts';
import { VoterSet } from '../core/voter-set.ts';
import { MemoryRaftLog } from '../testing/memory-raft-log.ts';
import type { RaftListener } from './listener.ts';
import { RaftNode } from './raft-node.ts';

const DIRECTORY = '/data/__cluster_metadata-0';
const CONTEXT = { listener: 'CONTROLLER', apiVersion: 2 };
const directoryOf = (id: number) => `DIRECTORY00000000000${id}A`;
const voters = new VoterSet(
  [1, 2].map((id) => ({
    key: { id, directoryId: directoryOf(id) },
    endpoints: [{ name: 'CONTROLLER', host: 'localhost', port: 9000 + id }],
    kraftVersions: { min: 0, max: 1 },
  })),
);

/** Node 1, and a say in what node 2 answers. */
function nodeOfTwo(answer: (request: RaftRequest) => Promise<RaftResponse>) {
  const storage = new MemoryStorage();
  const batches = new SnapshotBatches(0);
  storage.makeDirectory(DIRECTORY);
  const header = batches.header({ lastContainedLogTimestampMs: 0, kraftVersion: 1, voters }, 0);
  storage.replaceFile(
    `${DIRECTORY}/${snapshotName(BOOTSTRAP_SNAPSHOT_ID)}.checkpoint`,
    Buffer.concat([header, batches.footer(0)]),
  );
  const clock = new ManualClock(1_700_000_000_000);
  const told: string[] = [];
  const listener: RaftListener = {
    nextOffset: 0,
    handleSnapshot: function* () {},
    handleBatches: function* (given) {
      told.push(...given.map(({ baseOffset }) => `batch ${baseOffset}`));
    },
    handleHighWatermark: (offset) => told.push(`committed ${offset}`),
    handleLeaderChange: ({ leaderId, epoch }) => told.push(`leader ${leaderId} epoch ${epoch}`),
  };
  const log = new MemoryRaftLog();
  const sent: number[] = [];
  const node = new RaftNode(
    {
      nodeId: 1,
      clusterId: 'cluster',
      directoryId: directoryOf(1),
      endpoints: voters.get(1)!.endpoints,
      staticVoters: new VoterSet(),
      transport: {
        send: (_, request) => {
          sent.push(request.apiKey);
          return answer(request);
        },
      },
      log,
      storage,
      directory: DIRECTORY,
      retention: { maxBytes: -1, maxMs: -1 },
      fileDeleteDelayMs: 0,
      shutdownTimeoutMs: 100,
      clock,
      random: seededRandom(1),
      logger: silentLogger,
      onFault: (error) => told.push(`fault ${error.message}`),
    },
    listener,
  );
  const pass = async (ms: number): Promise<void> => {
    for (let i = 0; i < ms; i++) {
      clock.advance(1);
      await new Promise(setImmediate);
    }
  };
  return { node, told, pass, sent, log };
}

const granted = async ({ apiKey, message }: RaftRequest): Promise<RaftResponse> => {
  if (apiKey !== ApiKey.VOTE) return new Promise(() => {});
  const { replicaEpoch } = message.topics[0]!.partitions[0]!;
  const partition = newVoteResponsePartitionData({ leaderId: -1, leaderEpoch: replicaEpoch, voteGranted: true });
  const topics = [{ topicName: '__cluster_metadata', partitions: [partition] }];
  return { apiKey, message: newVoteResponse({ topics }) };
};

test('a new leader says nothing to its listener before a majority has its first batch', async () => {
  const { node, told, pass, log } = nodeOfTwo(granted);
  const started = node.start();
  await pass(2100);
  assert.equal(node.role, 'leader');
  assert.equal(log.endOffset, 3);
  assert.deepEqual(told, ['leader null epoch 1']);
  const closing = node.close();
  const refused = assert.rejects(started, /has stopped/);
  await pass(400);
  await Promise.all([closing, refused]);
});

test('failures of the network are told apart', async () => {
  let failure: Error = new TransportError('ECONNREFUSED', 'refused');
  const { node, pass, sent } = nodeOfTwo(() => Promise.reject(failure));
  node.start().catch(() => {});
  await pass(2100);
  assert.deepEqual([node.role, node.epoch], ['prospective', 0]);
  const asked = sent.length;
  await pass(100);
  assert.ok(sent.length - asked >= 3 && sent.length - asked <= 6, 'it asks again after each pause');
  // The other does not know pre-votes.
  failure = new ApiError(ErrorCode.UNSUPPORTED_VERSION);
  await pass(30);
  assert.deepEqual([node.role, node.epoch], ['candidate', 1]);
  const closing = node.close();
  await pass(400);
  await closing;
});

test('requests are answered once the log is loaded, and refused when the node has stopped', async () => {
  const { node, pass } = nodeOfTwo(granted);
  const partition = {
    partitionIndex: 0,
    replicaEpoch: 5,
    replicaId: 2,
    replicaDirectoryId: directoryOf(2),
    voterDirectoryId: directoryOf(1),
    lastOffsetEpoch: 0,
    lastOffset: 0n,
    preVote: false,
  };
  const topics = [{ topicName: '__cluster_metadata', partitions: [partition] }];
  const request = { clusterId: 'cluster', voterId: 1, topics };
  const early = node.handle(ApiKey.VOTE, request, CONTEXT);
  node.start().catch(() => {});
  await pass(5);
  assert.equal((await early).topics[0]?.partitions[0]?.voteGranted, true);
  const closing = node.close();
  await pass(400);
  await closing;
  assert.equal((await node.handle(ApiKey.VOTE, request, CONTEXT)).errorCode, ErrorCode.BROKER_NOT_AVAILABLE);
});
