/**
 * From a few options to the server.properties of one node: what most people want without writing a file.
 *
 * With --config the file is the base and options win; --set wins over everything. Pure.
 */
import { UsageError } from '../options/usage-error.ts';

export const nodeOptions = {
  config: { value: 'FILE', help: 'A server.properties to start from; options win over it.' },
  'log-dir': {
    value: 'DIR',
    short: 'd',
    help: 'Where records and metadata live (log.dirs), ./data unless the file says otherwise.',
  },
  'broker-id': { value: 'N', help: 'Id of this node (node.id), 1 unless the file says otherwise.' },
  'listen-addr': {
    value: 'HOST:PORT',
    help: 'Where clients connect, 127.0.0.1:9092 unless the file says otherwise. Port 0 takes a free one.',
  },
  'advertised-addr': {
    value: 'HOST:PORT',
    help: 'What clients are told to connect to, when that is another address than --listen-addr.',
  },
  'controller-listener': {
    value: 'HOST:PORT',
    help: 'Where the controller listens; beside --listen-addr, one port above it, by default.',
  },
  set: { value: 'KEY=VALUE', short: 'o', multiple: true, noEnv: true, help: "Any of Kafka's broker configurations." },
} as const;

/** Options of a running node that are not Kafka configurations. */
export const observabilityOptions = {
  'metrics-addr': {
    value: 'HOST:PORT',
    help: 'Serve /metrics (Prometheus), /healthz and /readyz there; nowhere by default.',
  },
} as const;

/** Where to serve metrics and health. Errors: UsageError. */
export function observabilityAddress(values: { readonly 'metrics-addr'?: string | undefined }): {
  observability?: Address;
} {
  const text = values['metrics-addr'];
  return text === undefined ? {} : { observability: parseAddress('metrics-addr', text) };
}

export interface NodeOptionValues {
  readonly 'log-dir'?: string | undefined;
  readonly 'broker-id'?: string | undefined;
  readonly 'listen-addr'?: string | undefined;
  readonly 'advertised-addr'?: string | undefined;
  readonly 'controller-listener'?: string | undefined;
  readonly set: readonly string[];
}

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where a node keeps its records when neither options nor a file say it. */
export const DEFAULT_LOG_DIR = './data';

/** The properties of a node that is broker and controller in one, over those of a file. Errors: UsageError. */
export function nodeProperties(
  values: NodeOptionValues,
  file: ReadonlyMap<string, string> = new Map(),
): Map<string, string> {
  const properties = new Map(file);
  const id = values['broker-id'];
  if (id !== undefined) {
    if (!/^\d+$/.test(id)) throw new UsageError(`option --broker-id is '${id}'; it must be a number of 0 or more`);
    properties.delete('broker.id');
    properties.set('node.id', id);
  }
  if (values['log-dir'] !== undefined) {
    properties.delete('log.dir');
    properties.set('log.dirs', values['log-dir']);
  }
  if (!properties.has('log.dirs') && !properties.has('log.dir')) properties.set('log.dirs', DEFAULT_LOG_DIR);
  const addresses = ['listen-addr', 'advertised-addr', 'controller-listener'] as const;
  if (!properties.has('process.roles') || addresses.some((name) => values[name] !== undefined))
    setListeners(values, properties);
  if (!properties.has('node.id') && !properties.has('broker.id')) properties.set('node.id', '1');
  for (const pair of values.set) {
    const equals = pair.indexOf('=');
    if (equals <= 0) throw new UsageError(`option --set is '${pair}'; it must be KEY=VALUE`);
    properties.set(pair.slice(0, equals).trim(), pair.slice(equals + 1));
  }
  return properties;
}

function setListeners(values: NodeOptionValues, properties: Map<string, string>): void {
  const listen = parseAddress('listen-addr', values['listen-addr'] ?? '127.0.0.1:9092');
  const advertised =
    values['advertised-addr'] === undefined ? listen : parseAddress('advertised-addr', values['advertised-addr']);
  const controller = controllerAddress(values['controller-listener'], listen);
  // A node that listens everywhere must still be told an address that clients can use.
  const reachable = isWildcard(advertised.host) ? { ...advertised, host: 'localhost' } : advertised;
  properties.set('process.roles', 'broker,controller');
  properties.set('listeners', `PLAINTEXT://${show(listen)},CONTROLLER://${show(controller)}`);
  properties.set('advertised.listeners', `PLAINTEXT://${show(reachable)}`);
  properties.set('controller.listener.names', 'CONTROLLER');
  properties.set('inter.broker.listener.name', 'PLAINTEXT');
  properties.set('listener.security.protocol.map', 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT');
  if (!properties.has('controller.quorum.voters')) {
    properties.set(
      'controller.quorum.bootstrap.servers',
      show({ ...controller, port: controller.port === 0 ? 9093 : controller.port }),
    );
  }
  for (const name of ['offsets.topic', 'transaction.state.log', 'share.coordinator.state.topic']) {
    setDefault(properties, `${name}.replication.factor`, '1');
  }
  setDefault(properties, 'transaction.state.log.min.isr', '1');
  setDefault(properties, 'share.coordinator.state.topic.min.isr', '1');
}

function controllerAddress(text: string | undefined, listen: Address): Address {
  if (text !== undefined) return parseAddress('controller-listener', text.replace(/^[A-Z_]+:\/\//, ''));
  const host = isWildcard(listen.host) ? '127.0.0.1' : listen.host;
  return { host, port: listen.port === 0 ? 0 : listen.port + 1 };
}

function setDefault(properties: Map<string, string>, name: string, value: string): void {
  if (!properties.has(name)) properties.set(name, value);
}

const isWildcard = (host: string): boolean => host === '' || host === '0.0.0.0' || host === '::';

const show = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** `host:port`, `:port` or `[v6]:port`. */
function parseAddress(option: string, text: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) throw new UsageError(`option --${option} is '${text}'; it must be HOST:PORT`);
  return { host: match[1] ?? match[2] ?? '', port };
}
