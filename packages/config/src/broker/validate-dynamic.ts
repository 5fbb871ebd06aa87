/**
 * Which configurations may be changed while the broker runs, and in what form.
 *
 * Source: DynamicBrokerConfig.validateConfigs and fromPersistentProps, DynamicConfig.Broker.
 */
import { ConfigError } from '@skarab/base';
import { brokerConfigDef, brokerQuotaConfigDef, parseConfigValue } from '../config-def.ts';
import type { ConfigKey } from '../config-key.ts';
import {
  brokerConfigKeys,
  brokerQuotaConfigKeys,
  clusterLevelListenerConfigs,
  dynamicSecurityConfigs,
  perBrokerConfigs,
} from '../generated/broker-configs.ts';
import { hashSetToText } from '../java-hash-order.ts';
import { nameWithoutListener } from './broker-synonyms.ts';
import { ruleError } from './requirement.ts';

type Configs = ReadonlyMap<string, string>;

const isDynamic = (key: ConfigKey): boolean => key.updateMode !== 'read-only';
/** In the order in which Kafka checks them. */
const dynamicKeys: readonly ConfigKey[] = [...brokerQuotaConfigKeys, ...brokerConfigKeys.filter(isDynamic)];

/** Whether a broker configuration may be changed while the broker runs; names that nothing defines may. */
export function isReadOnly(name: string): boolean {
  return (brokerConfigDef.get(name) ?? brokerQuotaConfigDef.get(name))?.updateMode === 'read-only';
}

/** Checks names and values of an update. Errors: ConfigError. */
export function checkDynamicConfigs(configs: Configs, perBroker: boolean): void {
  const readOnly = [...configs.keys()].filter(isReadOnly);
  refuse(readOnly, 'Cannot update these configs dynamically', configs.size);
  refuse(
    [...dynamicSecurityConfigs].filter((name) => configs.has(name)),
    'These security configs can be dynamically updated only per-listener using the listener prefix',
  );
  checkDynamicValues(configs);
  if (perBroker) return;
  refuse(
    [...configs.keys()].filter(isPerBroker),
    'Cannot update these configs at default cluster level, broker id must be specified',
  );
}

/** The part of stored configurations that can be applied, and in words what is left out. */
export function applicableConfigs(configs: Configs, perBroker: boolean): { applied: Configs; ignored: string[] } {
  const applied = new Map(configs);
  const ignored: string[] = [];
  const leaveOut = (isLeftOut: (name: string) => boolean, why: string): void => {
    const names = [...applied.keys()].filter(isLeftOut);
    for (const name of names) applied.delete(name);
    if (names.length > 0) ignored.push(`${why}: ${hashSetToText(names)}`);
  };
  const source = perBroker ? 'broker' : 'default cluster';
  leaveOut((name) => !isApplicableValue(name, configs), `Dynamic ${source} config contains invalid values`);
  leaveOut(isReadOnly, 'Non-dynamic configs will be ignored');
  leaveOut(
    (name) => dynamicSecurityConfigs.has(name),
    'Security configs can be dynamically updated only using listener prefix, base configs will be ignored',
  );
  if (!perBroker) leaveOut(isPerBroker, 'Per-broker configs defined at default cluster level will be ignored');
  return { applied, ignored };
}

function isPerBroker(name: string): boolean {
  if (perBrokerConfigs.has(name)) return true;
  const base = nameWithoutListener(name);
  return base !== undefined && !clusterLevelListenerConfigs.has(base);
}

function checkDynamicValues(configs: Configs): void {
  const byBaseName = new Map([...configs].map(([name, value]) => [nameWithoutListener(name) ?? name, value]));
  for (const key of dynamicKeys) {
    const text = byBaseName.get(key.name);
    if (text !== undefined) parseConfigValue(key, text);
  }
}

function isApplicableValue(name: string, configs: Configs): boolean {
  try {
    checkDynamicValues(new Map([[name, configs.get(name) ?? '']]));
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

function refuse(names: readonly string[], why: string, sizedFor = 0): void {
  if (names.length > 0) throw ruleError(names[0] ?? '', `${why}: ${hashSetToText(names, sizedFor)}`);
}
