/**
 * The files of the nodes of a server under test: for each a work folder with data, server.properties and log, on ports of its own.
 *
 * Both brokers get the same properties: Kafka's defaults but for what a single node needs, and topics deleted at once so that the
 * leftovers of one run do not burden the next. A single node is a quorum that may grow, several are a static one.
 */
import { randomInt } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Address } from '../wire/address.ts';

export interface NodeFiles {
  readonly id: number;
  readonly folder: string;
  readonly dataDir: string;
  readonly propertiesFile: string;
  readonly logFile: string;
  readonly address: Address;
  /** Beside the configuration and the cluster id. */
  readonly formatOptions: readonly string[];
}

/** Of server.properties. */
export type Properties = Readonly<Record<string, string>>;

interface Ports {
  readonly id: number;
  readonly port: number;
  readonly controllerPort: number;
}

const HOST = '127.0.0.1';

/** Makes a folder below `parent` for each of `size` nodes and writes the properties, and additional ones; nothing is formatted. */
export async function createNodeFiles(
  parent: string,
  name: string,
  size: number,
  additional: Properties = {},
): Promise<NodeFiles[]> {
  const all: Ports[] = [];
  for (let id = 1; id <= size; id++) all.push({ id, port: await freePort(), controllerPort: await freePort() });
  return Promise.all(all.map((own) => createFiles(parent, name, own, all, additional)));
}

async function createFiles(
  parent: string,
  name: string,
  own: Ports,
  all: readonly Ports[],
  additional: Properties,
): Promise<NodeFiles> {
  const folder = await mkdtemp(join(parent, `${name}-`));
  const propertiesFile = join(folder, 'server.properties');
  const dataDir = join(folder, 'data');
  const lines = Object.entries({ ...properties(dataDir, own, all), ...additional }).map(([k, v]) => `${k}=${v}\n`);
  await writeFile(propertiesFile, lines.join(''));
  return {
    id: own.id,
    folder,
    dataDir,
    propertiesFile,
    logFile: join(folder, 'server.log'),
    address: { host: HOST, port: own.port },
    formatOptions: all.length === 1 ? ['--standalone'] : [],
  };
}

function properties(
  dataDir: string,
  { id, port, controllerPort }: Ports,
  all: readonly Ports[],
): Record<string, string> {
  const replicas = String(all.length);
  const minIsr = String(Math.min(2, all.length));
  const voters = all.map((one) => `${one.id}@${HOST}:${one.controllerPort}`).join(',');
  return {
    'process.roles': 'broker,controller',
    'node.id': String(id),
    ...(all.length === 1
      ? { 'controller.quorum.bootstrap.servers': `${HOST}:${controllerPort}` }
      : { 'controller.quorum.voters': voters, 'min.insync.replicas': minIsr }),
    listeners: `PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': dataDir,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': minIsr,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': minIsr,
    'auto.create.topics.enable': 'false',
    'log.segment.delete.delay.ms': '100',
  };
}

/** A port that nobody listens on at this moment, below those of outgoing connections: a node that is restarted must find it free. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_240, 32_768);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}
