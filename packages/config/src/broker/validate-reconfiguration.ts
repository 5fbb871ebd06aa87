/**
 * What a running broker can change to: the step from one valid configuration to another.
 *
 * Source: the validateReconfiguration methods of DynamicThreadPool, DynamicLogConfig, DynamicListenerConfig, LogCleaner,
 * DataPlaneAcceptor. The JVM answers each of these with one text, "Invalid dynamic configuration"; the reason is for the broker's own log.
 */

import { dynamicSecurityConfigs } from '../generated/broker-configs.ts';
import type { BrokerConfig } from './broker-config.ts';
import { nameWithoutListener } from './broker-synonyms.ts';

const threadCounts = [
  'background.threads',
  'log.cleaner.threads',
  'num.io.threads',
  'num.network.threads',
  'num.recovery.threads.per.data.dir',
  'num.replica.fetchers',
] as const;
/** Overrides that an open listener can take; all others need a new listener. */
const changeableOfListener: ReadonlySet<string> = new Set([
  'max.connections',
  'max.connection.creation.rate',
  'num.network.threads',
]);

/** Why the step is not possible; undefined when it is. */
export function reconfigurationFault(from: BrokerConfig, to: BrokerConfig): string | undefined {
  return threadFault(from, to) ?? localRetentionFault(to) ?? listenerFault(from, to);
}

/** Pools grow to twice their size and shrink to half of it in one step. */
function threadFault(from: BrokerConfig, to: BrokerConfig): string | undefined {
  for (const name of threadCounts) {
    const before = from.get(name);
    const after = to.get(name);
    if (after < Math.trunc(before / 2)) return `${name}=${after} should be at least half the current value ${before}`;
    if (after > before * 2) return `${name}=${after} should not be greater than double the current value ${before}`;
  }
  return undefined;
}

function localRetentionFault(to: BrokerConfig): string | undefined {
  const exceeds = (local: number, all: number): boolean => all > -1 && local !== -2 && (local === -1 || local > all);
  if (exceeds(to.get('log.local.retention.ms'), to.logRetentionTimeMs)) {
    return 'log.local.retention.ms must not be more than log.retention.ms';
  }
  if (exceeds(to.get('log.local.retention.bytes'), to.get('log.retention.bytes'))) {
    return 'log.local.retention.bytes must not be more than log.retention.bytes';
  }
  return undefined;
}

function listenerFault(from: BrokerConfig, to: BrokerConfig): string | undefined {
  const kept = to.listeners.all.map((one) => one.listener);
  const advertised = from.listeners.advertisedBroker.map((one) => one.listener);
  if (!advertised.every((name) => kept.includes(name))) return 'advertised listeners must be a subset of listeners';
  for (const { listener } of from.listeners.all) {
    if (!kept.includes(listener)) continue;
    if (from.listeners.securityProtocols.get(listener) !== to.listeners.securityProtocols.get(listener)) {
      return `the security protocol of the existing listener ${listener} cannot be updated`;
    }
    if (fixedOverrides(from, listener) !== fixedOverrides(to, listener)) {
      return `configs of the existing listener ${listener} cannot be updated dynamically`;
    }
  }
  return undefined;
}

/** The overrides of a listener that must stay, in one text to compare. */
function fixedOverrides(config: BrokerConfig, listener: string): string {
  const { prefix } = config.forListener(listener);
  const entries = [...config.originals].filter(([name]) => {
    const base = name.startsWith(prefix) ? nameWithoutListener(name) : undefined;
    return base !== undefined && !dynamicSecurityConfigs.has(base) && !changeableOfListener.has(base);
  });
  return JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
