/**
 * Large groups: a rebalance of a thousand members holds nobody up for long, and regular expressions over many topics let others through.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ErrorCode,
  newConsumerGroupDescribeRequest,
  newConsumerGroupHeartbeatRequest,
  newHeartbeatRequest,
} from '@skarab/protocol';
import { GroupHost } from './group-host.ts';
import { topicIdOf } from './group-script.ts';

function join(memberId: string, fields: { subscribedTopicNames?: string[]; subscribedTopicRegex?: string }) {
  const joining = { rebalanceTimeoutMs: 60_000, topicPartitions: [] };
  return newConsumerGroupHeartbeatRequest({ groupId: 'g', memberId, ...joining, ...fields });
}

test('a thousand members share four thousand partitions', (t) => {
  const host = new GroupHost({ config: { consumerAssignmentIntervalMs: 60_000 } });
  host.elect();
  const topics = ['t1', 't2', 't3', 't4'];
  host.setTopics(topics.map((name) => ({ name, id: topicIdOf(name), partitionCount: 1000, racks: [] })));
  for (let index = 0; index < 1000; index++)
    host.ask('consumerGroupHeartbeat', join(`member-${index}`, { subscribedTopicNames: topics }), { apiVersion: 1 });
  host.steps.length = 0;
  // Everybody is heard of once while the time of the next assignment comes.
  for (let pass = 0; pass < 2; pass++) {
    host.advance(30_000);
    for (let index = 0; index < 1000; index++) {
      const request = newConsumerGroupHeartbeatRequest({ groupId: 'g', memberId: `member-${index}`, memberEpoch: 0 });
      const full = { ...request, ...join(`member-${index}`, { subscribedTopicNames: topics }) };
      const startedMs = performance.now();
      host.ask('consumerGroupHeartbeat', full, { apiVersion: 1 });
      const tookMs = performance.now() - startedMs;
      if (tookMs > 20) t.diagnostic(`heartbeat ${pass}/${index} took ${tookMs.toFixed(0)} ms`);
      assert.ok(tookMs < 2000, `heartbeat ${index} took ${tookMs} ms`);
    }
  }
  const described = host.ask('consumerGroupDescribe', newConsumerGroupDescribeRequest({ groupIds: ['g'] }));
  const counts = described.groups[0]!.members.map(({ targetAssignment }) =>
    targetAssignment.topicPartitions.reduce((sum, { partitions }) => sum + partitions.length, 0),
  );
  assert.deepEqual([counts.length, Math.min(...counts), Math.max(...counts)], [1000, 4, 4]);
});

test('an expression over ten thousand topics is resolved in slices', () => {
  const host = new GroupHost();
  host.elect();
  const topics = Array.from({ length: 10_000 }, (_none, index) => `t${index}`);
  host.setTopics(topics.map((name) => ({ name, id: topicIdOf(name), partitionCount: 1, racks: [] })));
  host.ask('consumerGroupHeartbeat', join('m', { subscribedTopicNames: [], subscribedTopicRegex: 't.*9' }), {
    apiVersion: 1,
  });
  host.advance(5);
  // Half way through, others are answered.
  const other = host.ask('heartbeat', newHeartbeatRequest({ groupId: 'other' }));
  assert.equal(other.errorCode, ErrorCode.UNKNOWN_MEMBER_ID);
  const before = host.log().logEndOffset;
  host.advance(1000);
  assert.equal(host.log().logEndOffset, before + 2);
  const beat = newConsumerGroupHeartbeatRequest({ groupId: 'g', memberId: 'm', memberEpoch: 1 });
  host.ask('consumerGroupHeartbeat', beat, { apiVersion: 1 });
  host.advance(1000);
  const { groups } = host.ask('consumerGroupDescribe', newConsumerGroupDescribeRequest({ groupIds: ['g'] }));
  const { groupEpoch, assignmentEpoch, members } = groups[0]!;
  assert.deepEqual([groupEpoch, assignmentEpoch, members[0]!.assignment.topicPartitions.length], [2, 2, 1000]);
});
