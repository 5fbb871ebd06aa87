/**
 * How the broker's own topics are made, from its configuration.
 *
 * Source: TransactionStateManager.transactionTopicConfigs, GroupCoordinatorService.groupMetadataTopicConfigs,
 * ShareCoordinatorService.shareGroupStateTopicConfigs.
 */
import type { BrokerConfig } from '@skarab/config';
import type { InternalTopicSettings } from './auto-topic-creation.ts';
import { CONSUMER_OFFSETS_TOPIC, SHARE_GROUP_STATE_TOPIC, TRANSACTION_STATE_TOPIC } from './internal-topics.ts';

/** Settings by topic. */
export function internalTopicSettings(config: BrokerConfig): ReadonlyMap<string, InternalTopicSettings> {
  return new Map([
    [
      CONSUMER_OFFSETS_TOPIC,
      {
        numPartitions: config.get('offsets.topic.num.partitions'),
        replicationFactor: config.get('offsets.topic.replication.factor'),
        configs: {
          'cleanup.policy': 'compact',
          'compression.type': 'producer',
          'segment.bytes': String(config.get('offsets.topic.segment.bytes')),
        },
      },
    ],
    [
      TRANSACTION_STATE_TOPIC,
      {
        numPartitions: config.get('transaction.state.log.num.partitions'),
        replicationFactor: config.get('transaction.state.log.replication.factor'),
        configs: {
          'unclean.leader.election.enable': 'false',
          'compression.type': 'uncompressed',
          'cleanup.policy': 'compact',
          'min.insync.replicas': String(config.get('transaction.state.log.min.isr')),
          'segment.bytes': String(config.get('transaction.state.log.segment.bytes')),
        },
      },
    ],
    [
      SHARE_GROUP_STATE_TOPIC,
      {
        numPartitions: config.get('share.coordinator.state.topic.num.partitions'),
        replicationFactor: config.get('share.coordinator.state.topic.replication.factor'),
        configs: {
          'cleanup.policy': 'delete',
          'compression.type': 'producer',
          'segment.bytes': String(config.get('share.coordinator.state.topic.segment.bytes')),
          'min.insync.replicas': String(config.get('share.coordinator.state.topic.min.isr')),
          'retention.ms': '-1',
        },
      },
    ],
  ]);
}
