/** Our controller, without a connection between. */
import { systemRandom } from '@skarab/base';
import { MemoryStorage } from '@skarab/log';
import { ApiKey, apiCodecs, type CreateTopicsResponse, Reader, Writer } from '@skarab/protocol';
import { isControllerRegistrationSupported } from '../../src/core/feature/metadata-version.ts';
import type { MetadataImage } from '../../src/core/image/metadata-image.ts';
import type { ControllerApi } from '../../src/host/controller-api.ts';
import { catalogueSchema } from '../catalogue-schema.ts';
import { access, DIRECTORY_ID, format, startNode, type TestNode } from '../test-node.ts';
import { describeLog, Ids, type TopicIds } from './ids.ts';

const ctx = (requestVersion: number) => ({ requestVersion });

/** How each API is called here; requests are those of their own type. */
const methods: Readonly<
  Record<number, (controller: ControllerApi, version: number, request: never) => Promise<object>>
> = {
  [ApiKey.CREATE_TOPICS]: (controller, version, request) => controller.createTopics(ctx(version), request, access),
  [ApiKey.DELETE_TOPICS]: (controller, version, request) => controller.deleteTopics(ctx(version), request, access),
  [ApiKey.ALTER_CONFIGS]: (controller, version, request) => controller.alterConfigs(ctx(version), request, access),
  [ApiKey.CREATE_PARTITIONS]: (controller, version, request) =>
    controller.createPartitions(ctx(version), request, () => true),
  [ApiKey.ELECT_LEADERS]: (controller, version, request) => controller.electLeaders(ctx(version), request),
  [ApiKey.INCREMENTAL_ALTER_CONFIGS]: (controller, version, request) =>
    controller.incrementalAlterConfigs(ctx(version), request, access),
  [ApiKey.ALTER_PARTITION_REASSIGNMENTS]: (controller, version, request) =>
    controller.alterPartitionReassignments(ctx(version), request),
  [ApiKey.LIST_PARTITION_REASSIGNMENTS]: (controller, version, request) =>
    controller.listPartitionReassignments(ctx(version), request),
  [ApiKey.ALTER_CLIENT_QUOTAS]: (controller, version, request) => controller.alterClientQuotas(ctx(version), request),
  [ApiKey.ALTER_USER_SCRAM_CREDENTIALS]: (controller, version, request) =>
    controller.alterUserScramCredentials(ctx(version), request),
  [ApiKey.ALTER_PARTITION]: (controller, version, request) => controller.alterPartition(ctx(version), request),
  [ApiKey.UPDATE_FEATURES]: (controller, version, request) => controller.updateFeatures(ctx(version), request),
  [ApiKey.BROKER_REGISTRATION]: (controller, version, request) => controller.registerBroker(ctx(version), request),
  [ApiKey.BROKER_HEARTBEAT]: (controller, version, request) => controller.processBrokerHeartbeat(ctx(version), request),
  [ApiKey.UNREGISTER_BROKER]: (controller, version, request) => controller.unregisterBroker(ctx(version), request),
  [ApiKey.ALLOCATE_PRODUCER_IDS]: (controller, version, request) =>
    controller.allocateProducerIds(ctx(version), request),
  [ApiKey.ASSIGN_REPLICAS_TO_DIRS]: (controller, version, request) =>
    controller.assignReplicasToDirs(ctx(version), request),
  [ApiKey.CONTROLLER_REGISTRATION]: (controller, version, request) =>
    controller.registerController(ctx(version), request),
  [ApiKey.CREATE_ACLS]: (controller, version, request) => controller.createAcls(ctx(version), request),
  [ApiKey.DELETE_ACLS]: (controller, version, request) => controller.deleteAcls(ctx(version), request),
};

/** Properties of both controllers: nothing happens by itself, and nobody's session ends. */
export const PROPERTIES: Readonly<Record<string, string>> = {
  'process.roles': 'controller',
  'broker.session.timeout.ms': '3600000',
  'metadata.max.idle.interval.ms': '0',
  'auto.leader.rebalance.enable': 'false',
  'controller.quorum.append.linger.ms': '0',
  'num.partitions': '2',
  'default.replication.factor': '1',
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
};

/** Where both controllers' logs are below their log directory. */
export const LOG_FILE = '__cluster_metadata-0/00000000000000000000.log';

/** Properties of a controller on `port`. */
export function propertiesAt(port: number): Record<string, string> {
  const listeners = `CONTROLLER://127.0.0.1:${port}`;
  const servers = `127.0.0.1:${port}`;
  return {
    ...PROPERTIES,
    listeners,
    'advertised.listeners': listeners,
    'controller.quorum.bootstrap.servers': servers,
  };
}

/** A node of ours in memory. */
export class OurController {
  readonly ids = new Ids();
  readonly #port: number;
  readonly #storage = new MemoryStorage();
  #running!: TestNode;

  private constructor(port: number) {
    this.#port = port;
  }

  static async start(port: number, releaseVersion: string): Promise<OurController> {
    const ours = new OurController(port);
    const self = { id: 1, host: '127.0.0.1', port, directoryId: DIRECTORY_ID };
    await format(ours.#storage, '/data', { initialControllers: [self], releaseVersion });
    await ours.#start();
    return ours;
  }

  get image(): MetadataImage {
    return this.#running.node.image;
  }

  get logEndOffset(): number {
    return this.#running.node.logEndOffset;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.#start();
  }

  async stop(): Promise<void> {
    await this.#running.node.close();
  }

  /** The request as it came over a connection, and the answer as it would go, or the error. */
  async call(
    apiKey: number,
    version: number,
    makeRequest: (idOf: TopicIds) => object,
  ): Promise<{ readonly request: object; readonly answer: object }> {
    const request = reread(apiKey, 'request', makeRequest(this.ids.of), version);
    const answer = await methods[apiKey]!(this.#running.node.controller, version, request as never).then(
      (response) => reread(apiKey, 'response', response, version),
      (error: Error) => error,
    );
    const isCreation = apiKey === ApiKey.CREATE_TOPICS && version >= 7 && !(answer instanceof Error);
    if (isCreation) this.ids.learn(answer as CreateTopicsResponse);
    return { request, answer };
  }

  /** What its log holds. */
  log(): string[] {
    return describeLog(this.#storage.readFile(`/data/${LOG_FILE}`) ?? new Uint8Array(0), this.ids);
  }

  async #start(): Promise<void> {
    const port = this.#port;
    const staticConfig = new Map(
      Object.entries({ ...propertiesAt(port), 'node.id': '1', 'controller.listener.names': 'CONTROLLER' }),
    );
    this.#running = await startNode({
      storage: this.#storage,
      random: systemRandom,
      staticConfig,
      configSchema: catalogueSchema(staticConfig),
      topicDefaults: { numPartitions: 2, replicationFactor: 1 },
      endpoints: [{ name: 'CONTROLLER', host: '127.0.0.1', port, securityProtocol: 0 }],
      times: { brokerSessionTimeoutMs: 3_600_000 },
    });
    const before = this.logEndOffset;
    while (this.image.features.metadataVersion === null) await new Promise(setImmediate);
    // Older metadata has no place for controllers.
    if (!isControllerRegistrationSupported(this.image.features.metadataVersion)) return;
    while (this.image.provenance.lastContainedOffset + 1 < Math.max(before, this.logEndOffset))
      await new Promise(setImmediate);
  }
}

/** What the other side would see of a message at this version. */
function reread(apiKey: number, kind: 'request' | 'response', message: object, version: number): object {
  const codec = apiCodecs.get(apiKey)![kind];
  const writer = new Writer();
  codec.encode(writer, message, version);
  return codec.decode(new Reader(writer.toBytes()), version);
}
