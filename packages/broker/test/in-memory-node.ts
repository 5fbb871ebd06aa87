/**
 * A node in this process, over memory storage unless another is given, set up like the brokers that tests start as processes.
 */
import { randomUuid, silentLogger, systemClock, systemRandom } from '@skarab/base';
import { KafkaNode } from '@skarab/broker';
import { BrokerConfig } from '@skarab/config';
import { MemoryStorage, type Storage } from '@skarab/log';
import { formatDirectories } from '@skarab/metadata';
import type { MetricsRegistry } from '@skarab/telemetry';
import { freePort } from '../../../tools/kafka-jvm/jvm.ts';
import type { Target } from './transcript/script.ts';

const NODE_ID = 1;
const CLUSTER_ID = '5L6g3nShT-eMCtK--X86sw';

/** A started node, and what stops it. */
export interface InMemoryNode extends Target {
  readonly metrics: MetricsRegistry;
  stop(): Promise<void>;
}

/** Formats the storage, unless that was done, and starts a node on free ports. `dataDir` holds the log directories that `properties` name. */
export async function startInMemoryNode(
  dataDir: string,
  properties: Readonly<Record<string, string>>,
  storage: Storage = new MemoryStorage(),
): Promise<InMemoryNode> {
  const [port, controllerPort] = [await freePort(), await freePort()];
  const listeners = `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`;
  const config = BrokerConfig.fromProperties(
    new Map(
      Object.entries({
        'process.roles': 'broker,controller',
        'node.id': String(NODE_ID),
        listeners,
        'advertised.listeners': listeners,
        'controller.listener.names': 'CONTROLLER',
        'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
        'offsets.topic.replication.factor': '1',
        'offsets.topic.num.partitions': '4',
        'share.coordinator.state.topic.replication.factor': '1',
        'share.coordinator.state.topic.min.isr': '1',
        'share.coordinator.state.topic.num.partitions': '4',
        'transaction.state.log.replication.factor': '1',
        'transaction.state.log.num.partitions': '4',
        'group.initial.rebalance.delay.ms': '0',
        ...properties,
      }),
    ),
  );
  const environment = { storage, clock: systemClock, random: systemRandom };
  const request = {
    directories: config.logDirs,
    metadataLogDir: config.metadataLogDir,
    nodeId: NODE_ID,
    clusterId: CLUSTER_ID,
    controllerListenerName: 'CONTROLLER',
    hasDynamicQuorum: true,
    initialControllers: [
      { id: NODE_ID, directoryId: randomUuid(systemRandom.bytes), host: '127.0.0.1', port: controllerPort },
    ],
    ignoreFormatted: true,
    featureLevels: new Map<string, number>(),
    unstableFeatureVersionsEnabled: false,
  };
  await formatDirectories(environment, request, () => {});
  const node = await KafkaNode.start({ config, storage, logger: silentLogger });
  return { port, controllerPort, dataDir, metrics: node.metrics, stop: () => node.stop() };
}
