/**
 * How topics are made that somebody asked for and nobody made, from the broker's configuration.
 *
 * Source: kafka.server.DefaultAutoTopicCreationManager.
 */
import type { BrokerConfig } from '@skarab/config';
import type { AutoTopicSettings } from './auto-topic-creation.ts';
import { internalTopicSettings } from './internal-topic-settings.ts';

/** Sizes that the configuration file does not name are the controller's to choose. */
export function autoTopicSettings(config: BrokerConfig): AutoTopicSettings {
  const given = (name: string, value: number): number => (config.originals.has(name) ? value : -1);
  return {
    isEnabled: config.get('auto.create.topics.enable'),
    numPartitions: given('num.partitions', config.get('num.partitions')),
    replicationFactor: given('default.replication.factor', config.get('default.replication.factor')),
    internalTopics: internalTopicSettings(config),
  };
}
