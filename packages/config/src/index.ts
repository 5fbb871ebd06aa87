// Definitions and values

// Brokers
export { BrokerConfig, type ProcessRole } from './broker/broker-config.ts';
export { describeBroker, describeClusterDefaults } from './broker/describe-broker.ts';
export { type BrokerConfigChange, DynamicBrokerConfig, type LayerUpdate } from './broker/dynamic-broker-config.ts';
export type { Endpoint, SecurityProtocol } from './broker/endpoint.ts';
export { type InertConfig, inertReason } from './broker/inert-broker-configs.ts';
export type { ListenerConfig } from './broker/listener-config.ts';
export type { InterBrokerListener, Listeners } from './broker/listeners.ts';
export { refusedReason } from './broker/refused-broker-configs.ts';
export { validateBrokerResource } from './broker/validate-broker-resource.ts';
// Groups and client metrics
export {
  type ClientMetricsConfig,
  describeClientMetrics,
  resolveClientMetricsConfig,
  validateClientMetricsConfigs,
} from './client-metrics/client-metrics-config.ts';
export {
  brokerConfigDef,
  brokerQuotaConfigDef,
  ConfigDef,
  clientMetricsConfigDef,
  clientQuotaConfigDef,
  groupConfigDef,
  ipQuotaConfigDef,
  parseConfigValue,
  topicConfigDef,
} from './config-def.ts';
export type { ConfigKey, ConfigSynonym, ConfigType, UpdateMode, Validator } from './config-key.ts';
export { type ConfigProblem, INVALID_CONFIG, INVALID_REQUEST } from './config-problem.ts';
export {
  ConfigResourceType,
  configDefOf,
  defaultConfigText,
  isListConfig,
  isSensitiveConfig,
} from './config-resource.ts';
export { type ConfigValue, formatValue } from './config-value.ts';
export { ConfigValues, longToNumber } from './config-values.ts';
// Files
export { type ConfigProvider, type ConfigProviderFactory, resolveConfigVariables } from './config-variables.ts';
export {
  ConfigSource,
  configTypeId,
  type DescribedConfig,
  type DescribedSynonym,
  type DescribeOptions,
} from './described-config.ts';
export type { BrokerConfigValues } from './generated/broker-configs.ts';
export type { GroupConfigValues } from './generated/group-configs.ts';
export type { TopicConfigValues } from './generated/topic-configs.ts';
export { describeGroup } from './group/describe-group.ts';
export { type GroupConfig, resolveGroupConfig } from './group/group-config.ts';
export { validateGroupConfigs } from './group/validate-group.ts';
export type { HostPort } from './host-port.ts';
export { formatProperties, parseProperties } from './properties.ts';
export type { QuorumVoter } from './quorum-endpoints.ts';
export type { ShareAutoOffsetReset } from './share-auto-offset-reset.ts';
// Topics
export {
  describeTopic,
  effectiveTopicConfig,
  effectiveTopicConfigs,
  type TopicConfigLayers,
} from './topic/describe-topic.ts';
export { type ServedConfig, servedTopicConfigs } from './topic/served-topic-configs.ts';
export {
  type BrokerCompressionType,
  resolveTopicConfig,
  type ThrottledReplicas,
  type TopicConfig,
} from './topic/topic-config.ts';
export { validateTopicConfigs } from './topic/validate-topic.ts';
