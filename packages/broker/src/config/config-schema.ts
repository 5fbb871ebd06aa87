/**
 * The configuration catalogue in the form in which the controller asks for it.
 *
 * Pure translation. Source: kafka.server.ControllerConfigurationValidator, org.apache.kafka.metadata.KafkaConfigSchema.
 */
import {
  ConfigResourceType,
  type DynamicBrokerConfig,
  defaultConfigText,
  effectiveTopicConfig,
  effectiveTopicConfigs,
  isListConfig,
  isSensitiveConfig,
  type TopicConfigLayers,
  validateBrokerResource,
  validateClientMetricsConfigs,
  validateGroupConfigs,
  validateTopicConfigs,
} from '@skarab/config';
import { type ConfigLayers, type ConfigSchema, reasonInvalidTopicName } from '@skarab/metadata';
import { ErrorCode } from '@skarab/protocol';

/** The schema of a node whose own configuration is `broker`. */
export function configSchemaOf(broker: DynamicBrokerConfig): ConfigSchema {
  return {
    validate: (resource, configs, existing) => {
      const problem = problemOf(broker, resource.type, resource.name, configs, existing);
      return problem === undefined ? null : { code: problem.errorCode as ErrorCode, message: problem.message };
    },
    isList: (type, name) => isListConfig(type, name),
    defaultValue: (type, name) => defaultConfigText(type, name),
    effectiveTopicConfig: (name, layers) => ({
      name,
      ...effectiveTopicConfig(name, layers.topic, layersOf(layers)),
      isSensitive: isSensitiveConfig(ConfigResourceType.TOPIC, name),
    }),
    effectiveTopicConfigs: (layers) =>
      effectiveTopicConfigs(layers.topic, layersOf(layers)).map(({ name, value, configSource, isSensitive }) => ({
        name,
        value,
        source: configSource,
        isSensitive,
      })),
  };
}

function layersOf(layers: ConfigLayers): TopicConfigLayers {
  return { staticConfigs: layers.static, clusterConfigs: layers.cluster, brokerConfigs: layers.node };
}

type Configs = ReadonlyMap<string, string>;
interface Problem {
  readonly errorCode: number;
  readonly message: string;
}

function problemOf(
  broker: DynamicBrokerConfig,
  type: number,
  name: string,
  configs: Configs,
  existing: Configs,
): Problem | undefined {
  switch (type) {
    case ConfigResourceType.TOPIC: {
      if (name === '')
        return { errorCode: ErrorCode.INVALID_REQUEST, message: 'Default topic resources are not allowed.' };
      const invalid = reasonInvalidTopicName(name);
      if (invalid !== null) return { errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, message: invalid };
      return validateTopicConfigs(configs, broker.current, existing);
    }
    case ConfigResourceType.BROKER:
      return validateBrokerResource(name);
    case ConfigResourceType.CLIENT_METRICS:
      return validateClientMetricsConfigs(name, configs);
    case ConfigResourceType.GROUP:
      return validateGroupConfigs(name, configs, broker.current);
    default:
      return { errorCode: ErrorCode.INVALID_REQUEST, message: `Unknown resource type ${type}` };
  }
}
