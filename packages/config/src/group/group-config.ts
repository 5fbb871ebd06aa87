/**
 * The configurations of a group: which are allowed, which are in force, how they are described.
 *
 * Source: GroupConfig, GroupConfigManager, ConfigHelper.createGroupConfigEntry.
 */
import { assert } from '@skarab/base';
import type { BrokerConfig } from '../broker/broker-config.ts';
import { groupConfigDef } from '../config-def.ts';
import type { ConfigValue } from '../config-value.ts';
import { ConfigValues } from '../config-values.ts';
import type { BrokerConfigValues } from '../generated/broker-configs.ts';
import type { GroupConfigValues } from '../generated/group-configs.ts';
import { parseShareAutoOffsetReset, type ShareAutoOffsetReset } from '../share-auto-offset-reset.ts';
import { groupBounds } from './group-bounds.ts';

/** The effective configuration of a group; those of other kinds of groups are there too. */
export interface GroupConfig {
  readonly consumerSessionTimeoutMs: number;
  readonly consumerHeartbeatIntervalMs: number;
  readonly consumerAssignmentIntervalMs: number;
  readonly shareSessionTimeoutMs: number;
  readonly shareHeartbeatIntervalMs: number;
  readonly shareRecordLockDurationMs: number;
  readonly shareDeliveryCountLimit: number;
  readonly sharePartitionMaxRecordLocks: number;
  readonly shareAutoOffsetReset: ShareAutoOffsetReset;
  readonly shareIsolationLevel: 'read_committed' | 'read_uncommitted';
  readonly shareRenewAcknowledgeEnable: boolean;
  readonly shareAssignmentIntervalMs: number;
  readonly streamsSessionTimeoutMs: number;
  readonly streamsHeartbeatIntervalMs: number;
  readonly streamsNumStandbyReplicas: number;
  readonly streamsInitialRebalanceDelayMs: number;
  readonly streamsAssignmentIntervalMs: number;
}

/**
 * The effective configuration of a group with the given overrides; values outside the broker's bounds, which may have changed since they
 * were set, are capped.
 *
 * Errors: ConfigError for overrides that were never valid.
 */
export function resolveGroupConfig(overrides: ReadonlyMap<string, string>, broker: BrokerConfig): GroupConfig {
  const values = groupValues(overrides, broker);
  const bounded = <K extends keyof GroupConfigValues & string>(name: K): number =>
    overrides.has(name) ? clamp(name, Number(values.get(name)), broker) : Number(values.get(name));
  const shareAutoOffsetReset = parseShareAutoOffsetReset(values.get('share.auto.offset.reset'));
  assert(shareAutoOffsetReset !== undefined, 'share.auto.offset.reset was checked');
  return {
    consumerSessionTimeoutMs: bounded('consumer.session.timeout.ms'),
    consumerHeartbeatIntervalMs: bounded('consumer.heartbeat.interval.ms'),
    consumerAssignmentIntervalMs: bounded('consumer.assignment.interval.ms'),
    shareSessionTimeoutMs: bounded('share.session.timeout.ms'),
    shareHeartbeatIntervalMs: bounded('share.heartbeat.interval.ms'),
    shareRecordLockDurationMs: bounded('share.record.lock.duration.ms'),
    shareDeliveryCountLimit: bounded('share.delivery.count.limit'),
    sharePartitionMaxRecordLocks: bounded('share.partition.max.record.locks'),
    shareAutoOffsetReset,
    shareIsolationLevel: values.get('share.isolation.level') as GroupConfig['shareIsolationLevel'],
    shareRenewAcknowledgeEnable: values.get('share.renew.acknowledge.enable'),
    shareAssignmentIntervalMs: bounded('share.assignment.interval.ms'),
    streamsSessionTimeoutMs: bounded('streams.session.timeout.ms'),
    streamsHeartbeatIntervalMs: bounded('streams.heartbeat.interval.ms'),
    streamsNumStandbyReplicas: bounded('streams.num.standby.replicas'),
    streamsInitialRebalanceDelayMs: bounded('streams.initial.rebalance.delay.ms'),
    streamsAssignmentIntervalMs: bounded('streams.assignment.interval.ms'),
  };
}

/** All values of a group by name. Errors: ConfigError. */
export function groupValues(
  overrides: ReadonlyMap<string, string>,
  broker: BrokerConfig,
): ConfigValues<GroupConfigValues> {
  const given = new Map<string, ConfigValue>();
  for (const { name, synonyms } of groupConfigDef.keys) {
    const synonym = synonyms[0]?.name;
    const value = overrides.get(name) ?? (synonym === undefined ? undefined : broker.values.raw(synonym));
    if (value !== undefined) given.set(name, value);
  }
  return new ConfigValues(groupConfigDef.parse(given));
}

function clamp(name: keyof GroupConfigValues, value: number, broker: BrokerConfig): number {
  const bounds = groupBounds.find((one) => one.name === name);
  if (bounds === undefined) return value;
  const limit = (bound: keyof BrokerConfigValues | null, none: number): number =>
    bound === null ? none : Number(broker.get(bound));
  return Math.min(limit(bounds.max, Infinity), Math.max(limit(bounds.min, -Infinity), value));
}
