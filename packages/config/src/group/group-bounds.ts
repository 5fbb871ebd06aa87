/**
 * The broker configurations that bound those of groups, in the order in which Kafka checks them.
 *
 * Source: GroupConfig.validateValues and evaluate.
 */
import type { BrokerConfigValues } from '../generated/broker-configs.ts';
import type { GroupConfigValues } from '../generated/group-configs.ts';

/** Bounds of one configuration; null is none on that side. */
export interface GroupBounds {
  readonly name: keyof GroupConfigValues;
  readonly min: keyof BrokerConfigValues | null;
  readonly max: keyof BrokerConfigValues | null;
  /** Checked only when the group sets it: the broker's value is dynamic. */
  readonly onlyIfSet?: true;
}

export const groupBounds: readonly GroupBounds[] = [
  {
    name: 'consumer.heartbeat.interval.ms',
    min: 'group.consumer.min.heartbeat.interval.ms',
    max: 'group.consumer.max.heartbeat.interval.ms',
  },
  {
    name: 'consumer.session.timeout.ms',
    min: 'group.consumer.min.session.timeout.ms',
    max: 'group.consumer.max.session.timeout.ms',
  },
  {
    name: 'consumer.assignment.interval.ms',
    min: 'group.consumer.min.assignment.interval.ms',
    max: 'group.consumer.max.assignment.interval.ms',
    onlyIfSet: true,
  },
  {
    name: 'share.heartbeat.interval.ms',
    min: 'group.share.min.heartbeat.interval.ms',
    max: 'group.share.max.heartbeat.interval.ms',
  },
  {
    name: 'share.session.timeout.ms',
    min: 'group.share.min.session.timeout.ms',
    max: 'group.share.max.session.timeout.ms',
  },
  {
    name: 'share.record.lock.duration.ms',
    min: 'group.share.min.record.lock.duration.ms',
    max: 'group.share.max.record.lock.duration.ms',
  },
  {
    name: 'share.delivery.count.limit',
    min: 'group.share.min.delivery.count.limit',
    max: 'group.share.max.delivery.count.limit',
  },
  {
    name: 'share.partition.max.record.locks',
    min: 'group.share.min.partition.max.record.locks',
    max: 'group.share.max.partition.max.record.locks',
  },
  {
    name: 'share.assignment.interval.ms',
    min: 'group.share.min.assignment.interval.ms',
    max: 'group.share.max.assignment.interval.ms',
    onlyIfSet: true,
  },
  {
    name: 'streams.heartbeat.interval.ms',
    min: 'group.streams.min.heartbeat.interval.ms',
    max: 'group.streams.max.heartbeat.interval.ms',
  },
  {
    name: 'streams.session.timeout.ms',
    min: 'group.streams.min.session.timeout.ms',
    max: 'group.streams.max.session.timeout.ms',
  },
  { name: 'streams.num.standby.replicas', min: null, max: 'group.streams.max.standby.replicas' },
  {
    name: 'streams.assignment.interval.ms',
    min: 'group.streams.min.assignment.interval.ms',
    max: 'group.streams.max.assignment.interval.ms',
    onlyIfSet: true,
  },
];
