/**
 * The files of one server under test: a work folder with data, server.properties and log, on ports of its own.
 *
 * Both brokers get the same properties: Kafka's defaults but for what a single node needs, and topics deleted at once so that the
 * leftovers of one run do not burden the next.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Address } from '../wire/address.ts';

export interface NodeFiles {
  readonly folder: string;
  readonly propertiesFile: string;
  readonly logFile: string;
  readonly address: Address;
}

const HOST = '127.0.0.1';

/** Makes the folder below `parent` and writes the properties; nothing is formatted. */
export async function createNodeFiles(parent: string, name: string): Promise<NodeFiles> {
  const folder = await mkdtemp(join(parent, `${name}-`));
  const [port, controllerPort] = [await freePort(), await freePort()];
  const propertiesFile = join(folder, 'server.properties');
  const lines = Object.entries(properties(join(folder, 'data'), port, controllerPort)).map(([k, v]) => `${k}=${v}\n`);
  await writeFile(propertiesFile, lines.join(''));
  return { folder, propertiesFile, logFile: join(folder, 'server.log'), address: { host: HOST, port } };
}

function properties(dataDir: string, port: number, controllerPort: number): Record<string, string> {
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.bootstrap.servers': `${HOST}:${controllerPort}`,
    listeners: `PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': dataDir,
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'auto.create.topics.enable': 'false',
    'log.segment.delete.delay.ms': '100',
  };
}

/** A port that nobody listens on at this moment. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, HOST, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
