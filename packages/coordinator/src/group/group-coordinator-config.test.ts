import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupCoordinatorConfigFrom, newGroupCoordinatorConfig } from './group-coordinator-config.ts';

const defaults = {
  minSessionTimeoutMs: 6000,
  maxSessionTimeoutMs: 1_800_000,
  initialRebalanceDelayMs: 3000,
  maxSize: 2_147_483_647,
  offsetMetadataMaxBytes: 4096,
  offsetsRetentionMinutes: 10_080,
  offsetsRetentionCheckIntervalMs: 600_000,
  offsetsCommitTimeoutMs: 5000,
  appendLingerMs: -1,
  consumerSessionTimeoutMs: 45_000,
  consumerHeartbeatIntervalMs: 5000,
  consumerMaxSize: 2_147_483_647,
  consumerAssignors: ['uniform', 'range'],
  consumerMigrationPolicy: 'bidirectional',
  consumerAssignmentIntervalMs: 1000,
  consumerRegexRefreshIntervalMs: 600_000,
  shareSessionTimeoutMs: 45_000,
  shareHeartbeatIntervalMs: 5000,
  shareMaxSize: 200,
  shareAssignmentIntervalMs: 1000,
  shareInitializeRetryIntervalMs: 30_000,
  streamsSessionTimeoutMs: 45_000,
  streamsHeartbeatIntervalMs: 5000,
  streamsMaxSize: 2_147_483_647,
  streamsNumStandbyReplicas: 0,
  streamsInitialRebalanceDelayMs: 3000,
  streamsAssignmentIntervalMs: 1000,
};

test('options have their defaults unless they are given', () => {
  assert.deepEqual(newGroupCoordinatorConfig(), defaults);
  assert.deepEqual(newGroupCoordinatorConfig({ maxSize: 3 }), { ...defaults, maxSize: 3 });
});

test('options are found by their names', () => {
  const values = new Map([
    ['group.max.size', 5],
    ['group.initial.rebalance.delay.ms', 0],
  ]);
  assert.deepEqual(
    groupCoordinatorConfigFrom((name) => values.get(name)),
    { ...defaults, maxSize: 5, initialRebalanceDelayMs: 0 },
  );
});
