/** The real catalogue of topic configurations, for comparisons with the JVM. */
import {
  BrokerConfig,
  defaultConfigText,
  effectiveTopicConfig,
  effectiveTopicConfigs,
  isListConfig,
  isSensitiveConfig,
  validateBrokerResource,
  validateTopicConfigs,
} from '@skarab/config';
import { ErrorCode } from '@skarab/protocol';
import type { ConfigLayers, ConfigSchema } from '../src/core/controller/config-schema.ts';
import { ConfigResourceType } from '../src/core/image/configurations-image.ts';

/** A schema for nodes with these properties. */
export function catalogueSchema(properties: ReadonlyMap<string, string>): ConfigSchema {
  // The controller keeps ACLs although the broker has no authorizer yet, and refuses to run with one.
  const withoutAuthorizer = [...properties].filter(([name]) => name !== 'authorizer.class.name');
  const broker = BrokerConfig.fromProperties(new Map(withoutAuthorizer));
  const layersOf = ({ static: staticConfigs, cluster, node }: ConfigLayers) => ({
    staticConfigs,
    clusterConfigs: cluster,
    brokerConfigs: node,
  });
  return {
    validate: ({ type, name }, configs, existing) => {
      if (type === ConfigResourceType.TOPIC && name === '') {
        return { code: ErrorCode.INVALID_REQUEST, message: 'Default topic resources are not allowed.' };
      }
      const problem =
        type === ConfigResourceType.TOPIC
          ? validateTopicConfigs(configs, broker, existing)
          : type === ConfigResourceType.BROKER
            ? validateBrokerResource(name)
            : undefined;
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
