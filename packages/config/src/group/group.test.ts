import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerConfig } from '../broker/broker-config.ts';
import { minimalProperties } from '../testing/minimal-properties.ts';
import { resolveGroupConfig } from './group-config.ts';
import { validateGroupConfigs } from './validate-group.ts';

const mapOf = (record: Record<string, string>): Map<string, string> => new Map(Object.entries(record));
const broker = (properties: Record<string, string> = {}): BrokerConfig =>
  BrokerConfig.fromProperties(minimalProperties(properties));

const defaults = {
  consumerSessionTimeoutMs: 45_000,
  consumerHeartbeatIntervalMs: 5000,
  consumerAssignmentIntervalMs: 1000,
  shareSessionTimeoutMs: 45_000,
  shareHeartbeatIntervalMs: 5000,
  shareRecordLockDurationMs: 30_000,
  shareDeliveryCountLimit: 5,
  sharePartitionMaxRecordLocks: 2000,
  shareAutoOffsetReset: { type: 'latest' },
  shareIsolationLevel: 'read_uncommitted',
  shareRenewAcknowledgeEnable: true,
  shareAssignmentIntervalMs: 1000,
  streamsSessionTimeoutMs: 45_000,
  streamsHeartbeatIntervalMs: 5000,
  streamsNumStandbyReplicas: 0,
  streamsInitialRebalanceDelayMs: 3000,
  streamsAssignmentIntervalMs: 1000,
};

test("a group without configurations has the broker's", () => {
  assert.deepEqual(resolveGroupConfig(new Map(), broker()), defaults);
  assert.deepEqual(resolveGroupConfig(new Map(), broker({ 'group.consumer.session.timeout.ms': '50000' })), {
    ...defaults,
    consumerSessionTimeoutMs: 50_000,
  });
});

test('its own come first, kept within the bounds of the broker', () => {
  const own = mapOf({
    'consumer.session.timeout.ms': '99000',
    'share.auto.offset.reset': 'by_duration:PT1M',
    'share.isolation.level': 'read_committed',
    'streams.num.standby.replicas': '9',
  });
  assert.deepEqual(resolveGroupConfig(own, broker()), {
    ...defaults,
    consumerSessionTimeoutMs: 60_000,
    shareAutoOffsetReset: { type: 'by_duration', durationMs: 60_000 },
    shareIsolationLevel: 'read_committed',
    streamsNumStandbyReplicas: 2,
  });
});

test('values out of bounds are refused when they are set', () => {
  assert.deepEqual(validateGroupConfigs('g', mapOf({ 'consumer.session.timeout.ms': '99000' }), broker()), {
    errorCode: 40,
    message: 'consumer.session.timeout.ms must be less than or equal to group.consumer.max.session.timeout.ms',
  });
  assert.equal(validateGroupConfigs('g', mapOf({ 'consumer.session.timeout.ms': '50000' }), broker()), undefined);
});
