export type { ConfigKey, ConfigSynonym, ConfigType, UpdateMode, Validator } from './config-key.ts';
export { brokerConfigKeys, brokerQuotaConfigKeys } from './generated/broker-configs.ts';
export { clientMetricsConfigKeys } from './generated/client-metrics-configs.ts';
export { groupConfigKeys } from './generated/group-configs.ts';
export { clientQuotaConfigKeys, ipQuotaConfigKeys } from './generated/quota-configs.ts';
export { topicConfigKeys } from './generated/topic-configs.ts';
