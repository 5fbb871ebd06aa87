/**
 * Broker configurations that are refused when they are set to other than their default or what is served beside it, because going on without what they ask for
 * would be worse than not starting: nobody checks what was to be checked.
 *
 * They name classes of Java that the JVM would load; none can be loaded here.
 */
import { ConfigError } from '@skarab/base';
import { brokerConfigDef } from '../config-def.ts';
import type { ConfigKey } from '../config-key.ts';
import { formatValue } from '../config-value.ts';
import type { BrokerConfig } from './broker-config.ts';
import { STANDARD_AUTHORIZER } from './standard-authorizer-settings.ts';

const refused: Readonly<Record<string, string>> = {
  'alter.config.policy.class.name': 'alterations would go through that the policy refuses',
  'authorizer.class.name': 'only Kafka’s StandardAuthorizer is available, everybody would be allowed everything',
  'client.quota.callback.class': 'clients would have other quotas than it gives them',
  'create.topic.policy.class.name': 'topics would be created that the policy refuses',
  'principal.builder.class': 'users would have other names than it gives them',
  'remote.log.storage.system.enable': 'Tiered storage is not available in this broker',
};

/** What is served beside the default. */
const served: Readonly<Record<string, string>> = { 'authorizer.class.name': STANDARD_AUTHORIZER };

/** Why a broker configuration may only have its default; undefined when it may have others. */
export function refusedReason(name: string): string | undefined {
  return refused[name];
}

/** Errors: ConfigError for a configuration that must not be ignored. */
export function checkRefusedConfigs(config: BrokerConfig): void {
  for (const [name, reason] of Object.entries(refused)) {
    const { type, default: allowed } = brokerConfigDef.get(name) as ConfigKey;
    const text = formatValue(config.values.raw(name), type);
    if (text !== allowed && text !== served[name]) throw new ConfigError(name, text, reason);
  }
}
