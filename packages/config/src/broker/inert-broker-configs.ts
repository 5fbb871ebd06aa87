/**
 * Broker configurations that a configuration file of Kafka's may hold and that have nothing to act on here.
 *
 * They are accepted so that existing files work, and named at the start when they are set: nothing is ignored in silence.
 * A feature that comes takes its lines out of the table; `npm run check` then asks for a reader of each of its names.
 */

import { brokerConfigDef, brokerQuotaConfigDef } from '../config-def.ts';
import { formatValue } from '../config-value.ts';
import type { BrokerConfig } from './broker-config.ts';

/** A configuration without effect, and why. */
export interface InertConfig {
  readonly name: string;
  readonly reason: string;
}

const buffers = 'the operating system sizes the buffers of sockets';
const jmx = 'there is no JMX; metrics are served over HTTP';
const purgatory = 'requests that wait are taken out as soon as they are answered, so nothing is left to purge';
const sasl = 'SASL is not available yet';
const threads = 'work is done on one event loop, not by a pool of threads';
const tiered = 'tiered storage is not available';
const tls = 'TLS is not available yet';
const windows = 'metrics are counts and sums, without windows of their own';

/** A name, or with a dot at its end the beginning of names. Sorted within a feature, features by name. */
const table: readonly (readonly [string, string])[] = [
  ['replica.socket.receive.buffer.bytes', buffers],
  ['socket.receive.buffer.bytes', buffers],
  ['socket.send.buffer.bytes', buffers],

  ['auto.include.jmx.reporter', jmx],
  ['kafka.metrics.polling.interval.secs', jmx],
  ['kafka.metrics.reporters', jmx],
  ['metric.reporters', jmx],

  ['delete.records.purgatory.purge.interval.requests', purgatory],
  ['fetch.purgatory.purge.interval.requests', purgatory],
  ['producer.purgatory.purge.interval.requests', purgatory],
  ['share.fetch.purgatory.purge.interval.requests', purgatory],

  ['connection.failed.authentication.delay.ms', sasl],
  ['connections.max.reauth.ms', sasl],
  ['sasl.', sasl],

  ['background.threads', threads],
  ['group.coordinator.background.threads', threads],
  ['group.coordinator.threads', threads],
  ['num.io.threads', threads],
  ['num.network.threads', threads],
  ['num.recovery.threads.per.data.dir', threads],
  ['num.replica.alter.log.dirs.threads', threads],
  ['share.coordinator.threads', threads],

  ['follower.fetch.last.tiered.offset.enable', tiered],
  ['log.local.retention.bytes', tiered],
  ['log.local.retention.ms', tiered],
  ['remote.', tiered],

  ['security.providers', 'there are no Java security providers'],
  ['ssl.', tls],

  ['metrics.', windows],

  ['group.coordinator.cached.buffer.max.bytes', 'the coordinator keeps no buffers between writes'],
  ['group.share.assignors', 'share groups have one assignor, simple'],
  ['group.share.persister.class.name', 'what share groups persist goes to the share coordinator'],
  ['internal.metadata.max.batch.size.in.bytes', 'batches of the metadata log are bounded by their number of records'],
  ['share.coordinator.cached.buffer.max.bytes', 'the coordinator keeps no buffers between writes'],
  ['telemetry.max.bytes', 'client metrics (KIP-714) are not received'],
];

const exact = new Map(table.filter(([name]) => !name.endsWith('.')));
const prefixes = table.filter(([name]) => name.endsWith('.'));

/** Why a broker configuration, or its override for a listener, has no effect; undefined when it has one. */
export function inertReason(name: string): string | undefined {
  const base = withoutListener(name);
  return exact.get(base) ?? prefixes.find(([prefix]) => base.startsWith(prefix))?.[1];
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

/** The configurations without effect that are set to something other than their default, overrides of listeners among them. */
export function inertConfigsIn(config: BrokerConfig): InertConfig[] {
  return inertAmong(config.originals.keys()).filter(({ name }) => {
    const base = withoutListener(name);
    const key = brokerConfigDef.get(base) ?? brokerQuotaConfigDef.get(base);
    if (key === undefined) return false;
    const text = base === name ? formatValue(config.values.raw(name), key.type) : config.originals.get(name);
    return text !== key.default;
  });
}

/** `listener.name.x.ssl.protocol` → `ssl.protocol`, `listener.name.x.plain.sasl.jaas.config` → `sasl.jaas.config`. */
function withoutListener(name: string): string {
  const base = /^listener\.name\.[^.]+\.(.+)$/.exec(name)?.[1];
  if (base === undefined) return name;
  return brokerConfigDef.has(base) ? base : base.slice(base.indexOf('.') + 1);
}
