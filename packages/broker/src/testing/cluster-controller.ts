/**
 * The controller of a cluster in one process: a quorum of one, in memory, which the brokers call directly. It does not fail.
 */
import { type Clock, type Logger, type Random, randomUuid } from '@skarab/base';
import { BrokerConfig, DynamicBrokerConfig } from '@skarab/config';
import { LogHost, MemoryStorage } from '@skarab/log';
import { formatDirectories, MetadataNode, readBootstrap } from '@skarab/metadata';
import { openRaftLog, raftLogDirectory } from '@skarab/raft';
import { configSchemaOf } from '../config/config-schema.ts';

/** What a controller is made of. */
export interface ClusterControllerOptions {
  readonly clusterId: string;
  /** The brokers' configurations: defaults of topics, session timeouts. */
  readonly properties: ReadonlyMap<string, string>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly onFault: (error: Error) => void;
}

const NODE_ID = 3000;
const DIRECTORY = '/metadata';
const ENDPOINT = { name: 'CONTROLLER', host: '127.0.0.1', port: 1, securityProtocol: 0 };

/** Formats memory and starts the controller; resolves when it leads. */
export async function startClusterController(options: ClusterControllerOptions): Promise<MetadataNode> {
  const { clusterId, clock, random, logger, onFault } = options;
  const storage = new MemoryStorage({ nowMs: () => clock.nowMs() });
  const directoryId = randomUuid(random.bytes);
  const config = new DynamicBrokerConfig(BrokerConfig.fromProperties(propertiesOf(options.properties)).originals);
  const { current } = config;
  const format = {
    directories: [DIRECTORY],
    metadataLogDir: DIRECTORY,
    nodeId: NODE_ID,
    clusterId,
    controllerListenerName: 'CONTROLLER',
    hasDynamicQuorum: true,
    initialControllers: [{ id: NODE_ID, directoryId, host: ENDPOINT.host, port: ENDPOINT.port }],
    ignoreFormatted: true,
    featureLevels: new Map<string, number>(),
    unstableFeatureVersionsEnabled: false,
  };
  await formatDirectories({ storage, clock, random }, format, () => {});
  const node = new MetadataNode({
    nodeId: NODE_ID,
    clusterId,
    directoryId,
    endpoints: [ENDPOINT],
    staticVoters: [],
    log: await openRaftLog(new LogHost({ storage, clock, random, logger, tailCacheBytes: 0 }), DIRECTORY),
    storage,
    directory: raftLogDirectory(DIRECTORY),
    bootstrap: readBootstrap(storage, DIRECTORY),
    configSchema: configSchemaOf(config),
    staticConfig: current.originals,
    topicDefaults: {
      numPartitions: current.get('num.partitions'),
      replicationFactor: current.get('default.replication.factor'),
    },
    isTopicDeletionEnabled: current.get('delete.topic.enable'),
    times: {
      brokerSessionTimeoutMs: current.get('broker.session.timeout.ms'),
      maxIdleIntervalMs: 0,
      leaderImbalanceCheckIntervalMs: current.get('auto.leader.rebalance.enable')
        ? current.get('leader.imbalance.check.interval.seconds') * 1000
        : null,
      uncleanElectionCheckIntervalMs: current.get('unclean.leader.election.interval.ms'),
    },
    clock,
    random,
    logger,
    onFault,
  });
  await node.start();
  return node;
}

/** The configuration of a node with the controller's role only. */
function propertiesOf(properties: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([
    ...properties,
    ['process.roles', 'controller'],
    ['node.id', String(NODE_ID)],
    ['listeners', 'CONTROLLER://127.0.0.1:1'],
    ['controller.listener.names', 'CONTROLLER'],
    ['controller.quorum.bootstrap.servers', '127.0.0.1:1'],
    ['log.dirs', DIRECTORY],
  ]);
}
