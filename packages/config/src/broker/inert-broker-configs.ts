/**
 * Broker configurations that a configuration file of Kafka's may hold and that have nothing to act on here.
 *
 * They are accepted so that existing files work, and named at the start when they are set: nothing is ignored in silence.
 */

import { brokerConfigDef, brokerQuotaConfigDef } from '../config-def.ts';
import { formatValue } from '../config-value.ts';
import type { BrokerConfig } from './broker-config.ts';

/** A configuration without effect, and why. */
export interface InertConfig {
  readonly name: string;
  readonly reason: string;
}

const threads = 'work is done on one event loop, not by a pool of threads';
const tiered = 'tiered storage is not available';
const jmx = 'there is no JMX; metrics are served over HTTP';
const throttle = 'replication throttling is not available';
const kerberos = 'Kerberos is not available';

const inertNames: Readonly<Record<string, string>> = {
  'auto.include.jmx.reporter': jmx,
  'background.threads': threads,
  'follower.fetch.last.tiered.offset.enable': tiered,
  'follower.replication.throttled.rate': throttle,
  'group.coordinator.background.threads': threads,
  'group.coordinator.threads': threads,
  'kafka.metrics.polling.interval.secs': jmx,
  'kafka.metrics.reporters': jmx,
  'leader.replication.throttled.rate': throttle,
  'log.local.retention.bytes': tiered,
  'log.local.retention.ms': tiered,
  'metric.reporters': jmx,
  'num.io.threads': threads,
  'num.network.threads': threads,
  'num.recovery.threads.per.data.dir': threads,
  'num.replica.alter.log.dirs.threads': threads,
  'replica.alter.log.dirs.io.max.bytes.per.second': throttle,
  'security.providers': 'there are no Java security providers',
  'share.coordinator.threads': threads,
  'ssl.engine.factory.class': 'TLS is done by the platform',
  'ssl.keymanager.algorithm': 'TLS is done by the platform',
  'ssl.provider': 'TLS is done by the platform',
  'ssl.secure.random.implementation': 'TLS is done by the platform',
  'ssl.trustmanager.algorithm': 'TLS is done by the platform',
};

const inertPrefixes: readonly (readonly [string, string])[] = [
  ['remote.', tiered],
  ['sasl.kerberos.', kerberos],
];

/** Why a broker configuration has no effect; undefined when it has one. */
export function inertReason(name: string): string | undefined {
  return inertNames[name] ?? inertPrefixes.find(([prefix]) => name.startsWith(prefix))?.[1];
}

/** What to say of a configuration without effect. */
export function inertWarning({ name, reason }: InertConfig): string {
  return `The config '${name}' has no effect: ${reason}.`;
}

/** The configurations without effect among `names`. */
export function inertAmong(names: Iterable<string>): InertConfig[] {
  return [...names].flatMap((name) => {
    const reason = inertReason(name);
    return reason === undefined ? [] : [{ name, reason }];
  });
}

/** The configurations without effect that are set to something other than their default. */
export function inertConfigsIn(config: BrokerConfig): InertConfig[] {
  return inertAmong(config.originals.keys()).filter(({ name }) => {
    const key = brokerConfigDef.get(name) ?? brokerQuotaConfigDef.get(name);
    return key !== undefined && formatValue(config.values.raw(name), key.type) !== key.default;
  });
}
