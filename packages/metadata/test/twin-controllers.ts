/**
 * Our controller and the JVM's, given the same requests: every answer must be the same, and at the end every record of the two logs.
 *
 * What chance decides is named before it is compared: topics by their names, other ids by the order in which they appear.
 */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isUuid, systemRandom, type Uuid, ZERO_UUID } from '@skarab/base';
import { MemoryStorage } from '@skarab/log';
import { ApiError, ApiKey, apiCodecs, type CreateTopicsResponse, Reader, Writer } from '@skarab/protocol';
import { committedBatch } from '@skarab/raft';
import { iterateBatches } from '@skarab/records';
import { type BrokerProcess, freePort, type KafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { RawClient } from '../../../tools/raw-client/raw-client.ts';
import { isControllerRegistrationSupported } from '../src/core/feature/metadata-version.ts';
import { decodeMetadataRecord } from '../src/core/record/serde.ts';
import type { ControllerApi } from '../src/host/controller-api.ts';
import { catalogueSchema } from './catalogue-schema.ts';
import { access, CLUSTER_ID, DIRECTORY_ID, format, startNode, type TestNode } from './test-node.ts';

const LOG_FILE = '__cluster_metadata-0/00000000000000000000.log';
const isRegistration = (line: string): boolean => line.includes('RegisterControllerRecord');

type Names = (topic: string) => Uuid;

/** One side's ids. */
class Ids {
  readonly #topics = new Map<string, Uuid>();
  readonly #names = new Map<Uuid, string>();
  readonly #others = new Map<string, string>();

  learn({ topics }: CreateTopicsResponse): void {
    for (const { name, topicId } of topics) {
      if (topicId === ZERO_UUID) continue;
      this.#topics.set(name, topicId);
      this.#names.set(topicId, `<${name}>`);
    }
  }

  readonly of: Names = (topic) => this.#topics.get(topic) ?? 'UNKNOWN000000000000000';

  /** A value as text, the same for both sides. */
  describe(value: unknown): string {
    const text = JSON.stringify(value, (key, item) => this.#plain(key, item));
    return [...this.#names].reduce((result, [id, name]) => result.replaceAll(id, name), text);
  }

  #plain(key: string, value: unknown): unknown {
    if (key === 'throttleTimeMs') return 0;
    if (typeof value === 'bigint') return `${value}n`;
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
      return [...value].sort((a, b) => (this.describe(a) < this.describe(b) ? -1 : 1));
    }
    return value;
  }

  /** As `describe`, with a number for every id that is not a topic's. */
  describeRecord(value: unknown): string {
    return this.describe(value).replaceAll(/"([^"]{22})"/g, (quoted, id: string) => {
      if (!isUuid(id) || id === ZERO_UUID) return quoted;
      const known = this.#others.get(id) ?? `id ${this.#others.size}`;
      this.#others.set(id, known);
      return `"${known}"`;
    });
  }
}

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
const PROPERTIES: Readonly<Record<string, string>> = {
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

/** The two controllers. */
export class TwinControllers {
  #client!: RawClient;
  #theirs!: BrokerProcess;
  #ours!: TestNode;
  readonly #ourIds = new Ids();
  readonly #theirIds = new Ids();
  readonly #jvm: KafkaJvm;
  readonly #folder: string;
  readonly #port: number;
  #starts = 0;
  readonly #storage = new MemoryStorage();

  private constructor(jvm: KafkaJvm, folder: string, port: number) {
    this.#jvm = jvm;
    this.#folder = folder;
    this.#port = port;
  }

  /** Formats and starts both, at the newest release unless another is given. */
  static async start(jvm: KafkaJvm, releaseVersion = '4.3'): Promise<TwinControllers> {
    const folder = await mkdtemp(join(tmpdir(), 'skarab-twins-'));
    const port = await freePort();
    const twins = new TwinControllers(jvm, folder, port);
    const self = { id: 1, host: '127.0.0.1', port, directoryId: DIRECTORY_ID };
    await format(twins.#storage, '/data', { initialControllers: [self], releaseVersion });
    await twins.#startBoth(['-t', CLUSTER_ID, '--standalone', '--release-version', releaseVersion]);
    return twins;
  }

  /** Stops and starts both. */
  async restart(): Promise<void> {
    this.#client.close();
    await this.#ours.node.close();
    await this.#theirs.stop();
    await this.#startBoth(false);
  }

  async #startBoth(formatting: readonly string[] | false): Promise<void> {
    const port = this.#port;
    const listeners = `CONTROLLER://127.0.0.1:${port}`;
    const properties = {
      ...PROPERTIES,
      listeners,
      'advertised.listeners': listeners,
      'controller.quorum.bootstrap.servers': `127.0.0.1:${port}`,
    };
    this.#theirs = await this.#jvm.startBroker({ dataDir: join(this.#folder, 'data'), properties, format: formatting });
    const staticConfig = new Map(
      Object.entries({ ...properties, 'node.id': '1', 'controller.listener.names': 'CONTROLLER' }),
    );
    this.#ours = await startNode({
      storage: this.#storage,
      random: systemRandom,
      staticConfig,
      configSchema: catalogueSchema(staticConfig),
      topicDefaults: { numPartitions: 2, replicationFactor: 1 },
      endpoints: [{ name: 'CONTROLLER', host: '127.0.0.1', port, securityProtocol: 0 }],
      times: { brokerSessionTimeoutMs: 3_600_000 },
    });
    this.#client = await RawClient.connect(port);
    this.#starts++;
    await this.#whenRegistered();
  }

  get image() {
    return this.#ours.node.image;
  }

  get logEndOffset(): number {
    return this.#ours.node.logEndOffset;
  }

  /** Gives both the same request, asserts that both answer the same, and returns our answer. */
  async call<Response>(
    apiKey: number,
    version: number,
    makeRequest: (idOf: Names) => object,
  ): Promise<Response | ApiError> {
    const theirs = await this.#client.call(apiKey, version, makeRequest(this.#theirIds.of));
    const request = reread(apiKey, 'request', makeRequest(this.#ourIds.of), version);
    const ours = await methods[apiKey]!(this.#ours.node.controller, version, request as never).then(
      (response) => reread(apiKey, 'response', response, version),
      (error: unknown) => error,
    );
    if (apiKey === ApiKey.CREATE_TOPICS && version >= 7 && !(ours instanceof Error)) {
      this.#ourIds.learn(ours as CreateTopicsResponse);
      this.#theirIds.learn(theirs as CreateTopicsResponse);
    }
    const what = () => `${apiCodecs.get(apiKey)?.request.name} ${this.#ourIds.describe(request)}`;
    if (ours instanceof ApiError) {
      assert.deepEqual(
        new Set(errorsOf(theirs)),
        new Set([ours.errorCode]),
        `${what()} → ${this.#theirIds.describe(theirs)}`,
      );
    } else if (ours instanceof Error) throw ours;
    else assert.equal(this.#ourIds.describe(ours), this.#theirIds.describe(theirs), what());
    return ours as Response | ApiError;
  }

  /** Resolves when both controllers are active and have registered themselves, which takes some time after each start. */
  async #whenRegistered(): Promise<void> {
    while (this.image.features.metadataVersion === null) await new Promise(setImmediate);
    const listing = { timeoutMs: 1000, topics: null };
    const isActive = async (): Promise<boolean> => {
      const response = await this.#client.call<{ errorCode: number }>(ApiKey.LIST_PARTITION_REASSIGNMENTS, 0, listing);
      return response.errorCode === 0;
    };
    while (!(await isActive())) await new Promise((resolve) => setTimeout(resolve, 20));
    // Older metadata has no place for controllers.
    if (!isControllerRegistrationSupported(this.image.features.metadataVersion)) return;
    const isDone = (bytes: Uint8Array): boolean =>
      describeLog(bytes, new Ids()).filter(isRegistration).length >= this.#starts;
    while (!isDone(this.#ourLog()) || !isDone(await this.#theirLog())) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  #ourLog(): Uint8Array {
    return this.#storage.readFile(`/data/${LOG_FILE}`) ?? new Uint8Array(0);
  }

  async #theirLog(): Promise<Uint8Array> {
    return new Uint8Array(await readFile(join(this.#folder, 'data', LOG_FILE)));
  }

  /** Stops both and asserts that their logs hold the same. */
  async compareLogs(): Promise<void> {
    await this.#ours.node.close();
    await this.#theirs.stop();
    const ourLines = describeLog(this.#ourLog(), this.#ourIds);
    const theirLines = describeLog(await this.#theirLog(), this.#theirIds);
    // One by one, since the difference of two long lists takes for ever.
    for (const [index, line] of theirLines.entries()) assert.equal(ourLines[index], line);
    assert.equal(ourLines.length, theirLines.length);
  }

  async stop(): Promise<void> {
    this.#client.close();
    await this.#theirs.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What the other side would see of a message at this version. */
function reread(apiKey: number, kind: 'request' | 'response', message: object, version: number): object {
  const codec = apiCodecs.get(apiKey)![kind];
  const writer = new Writer();
  codec.encode(writer, message, version);
  return codec.decode(new Reader(writer.toBytes()), version);
}

function errorsOf(value: unknown, key = ''): number[] {
  if (key === 'errorCode') return [value as number];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, item]) => errorsOf(item, name));
}

/** A line for each batch and record. */
function describeLog(bytes: Uint8Array, ids: Ids): string[] {
  return [...iterateBatches(bytes)].flatMap((batch) => {
    const { baseOffset, lastOffset, epoch, values } = committedBatch(batch);
    const records = values.map((value) => ids.describeRecord(decodeMetadataRecord(value)));
    // Partitions that change together come in the order of their topics' ids.
    return [`${baseOffset}-${lastOffset} epoch ${epoch}`, ...records.sort()];
  });
}
