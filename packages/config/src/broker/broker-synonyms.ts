/**
 * Names that stand for the same broker configuration, and the type behind a name.
 *
 * Source: DynamicBrokerConfig.brokerConfigSynonyms, KafkaConfig.configType.
 */
import { brokerConfigDef, brokerQuotaConfigDef } from '../config-def.ts';
import type { ConfigType } from '../config-key.ts';
import { listenerMechanismConfigs } from '../generated/broker-configs.ts';

/** The part of a name after `listener.name.<name>.`; undefined without such a prefix. */
export function nameWithoutListener(name: string): string | undefined {
  return /^listener\.name\.[^.]*\.(.*)$/.exec(name)?.[1];
}

/** Names that mean the same, best first; a listener's or mechanism's override is followed by the plain name. */
export function brokerConfigSynonyms(name: string): readonly string[] {
  const chain = chainOf(name);
  const base = nameWithoutListener(name);
  if (chain.length > 1 || base === undefined) return chain;
  const ofMechanism = [...listenerMechanismConfigs].find((one) => base.endsWith(one));
  return [name, ofMechanism ?? base];
}

/** The same without looking behind a listener prefix. */
export function chainOf(name: string): readonly string[] {
  const synonyms = brokerConfigDef.get(name)?.synonyms ?? [];
  return synonyms.length === 0 ? [name] : synonyms.map((one) => one.name);
}

/** The type of a broker configuration; undefined when nothing defines it. */
export function brokerConfigType(name: string): ConfigType | undefined {
  const exact = brokerConfigDef.get(name) ?? brokerQuotaConfigDef.get(name);
  if (exact !== undefined) return exact.type;
  return brokerConfigSynonyms(name)
    .map((one) => brokerConfigDef.get(one)?.type)
    .find((type) => type !== undefined);
}
