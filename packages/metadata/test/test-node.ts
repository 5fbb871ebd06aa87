/** A metadata node in memory (or wherever its storage is), with one broker that can be registered and unfenced. */
import { type Clock, type Random, seededRandom, silentLogger, systemClock } from '@skarab/base';
import { LogHost, MemoryStorage, type Storage } from '@skarab/log';
import { newBrokerHeartbeatRequest, newBrokerRegistrationRequest } from '@skarab/protocol';
import { openRaftLog, raftLogDirectory } from '@skarab/raft';
import { UNRESTRICTED } from '../src/core/controller/request-context.ts';
import { supportedFeatureRanges } from '../src/core/feature/feature.ts';
import type { FormatRequest } from '../src/core/format/format-request.ts';
import { readBootstrap } from '../src/host/bootstrap-file.ts';
import type { ControllerTimes } from '../src/host/controller.ts';
import { formatDirectories } from '../src/host/format-directories.ts';
import { MetadataNode, type MetadataNodeOptions } from '../src/host/metadata-node.ts';
import { testConfigSchema } from './test-config-schema.ts';

export const CLUSTER_ID = '5L6g3nShT-eMCtK--X86sw';
export const DIRECTORY_ID = 'JEXY6aqzQY-32P5TStzaFg';
export const ENDPOINT = { name: 'CONTROLLER', host: 'localhost', port: 9093, securityProtocol: 0 };
export const access = UNRESTRICTED;

/** Nothing happens by itself. */
const QUIET: Partial<ControllerTimes> = { maxIdleIntervalMs: 0, leaderImbalanceCheckIntervalMs: null };

/** A node with where it lives. */
export interface TestNode {
  readonly node: MetadataNode;
  readonly storage: Storage;
  readonly faults: Error[];
}

/** Formats `logDir` for a quorum of one. */
export async function format(storage: Storage, logDir: string, overrides: Partial<FormatRequest> = {}): Promise<void> {
  const request = {
    directories: [logDir],
    metadataLogDir: logDir,
    nodeId: 1,
    clusterId: CLUSTER_ID,
    controllerListenerName: 'CONTROLLER',
    initialControllers: [{ id: 1, host: 'localhost', port: 9093, directoryId: DIRECTORY_ID }],
    hasDynamicQuorum: true,
    ignoreFormatted: false,
    featureLevels: new Map<string, number>(),
    unstableFeatureVersionsEnabled: false,
    ...overrides,
  };
  await formatDirectories({ storage, clock: systemClock, random: seededRandom(7) }, request, () => {});
}

export interface TestNodeOptions extends Partial<MetadataNodeOptions> {
  readonly storage?: Storage;
  readonly logDir?: string;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Called before the start, when the node can already be asked by others. */
  readonly onCreated?: (node: MetadataNode) => void;
}

/** Starts a node over a formatted directory. */
export async function startNode(options: TestNodeOptions = {}): Promise<TestNode> {
  const { storage = new MemoryStorage(), logDir = '/data', clock = systemClock, random = seededRandom(1) } = options;
  const faults: Error[] = [];
  const node = new MetadataNode({
    nodeId: 1,
    clusterId: CLUSTER_ID,
    directoryId: DIRECTORY_ID,
    endpoints: [ENDPOINT],
    staticVoters: [],
    log: await openRaftLog(new LogHost({ storage, clock, random }), logDir),
    directory: raftLogDirectory(logDir),
    bootstrap: readBootstrap(storage, logDir),
    configSchema: testConfigSchema,
    staticConfig: new Map(),
    topicDefaults: { numPartitions: 1, replicationFactor: 1 },
    isTopicDeletionEnabled: true,
    logger: silentLogger,
    onFault: (error) => faults.push(error),
    ...options,
    storage,
    clock,
    random,
    times: { ...QUIET, ...options.times },
  });
  options.onCreated?.(node);
  await node.start();
  return { node, storage, faults };
}

/** A new node over memory. */
export async function startNewNode(options: TestNodeOptions = {}): Promise<TestNode> {
  const storage = options.storage ?? new MemoryStorage();
  await format(storage, options.logDir ?? '/data');
  return startNode({ ...options, storage });
}

/** Registers a broker with this incarnation. */
export function registration(brokerId: number, incarnationId: string, directoryId = directoryOf(brokerId)) {
  return newBrokerRegistrationRequest({
    brokerId,
    clusterId: CLUSTER_ID,
    incarnationId,
    listeners: [{ name: 'PLAINTEXT', host: 'localhost', port: 9092 + brokerId, securityProtocol: 0 }],
    features: [...supportedFeatureRanges()].map(([name, { min, max }]) => ({
      name,
      minSupportedVersion: min,
      maxSupportedVersion: max,
    })),
    rack: null,
    logDirs: [directoryId],
    previousBrokerEpoch: -1n,
  });
}

/** The only log directory of a broker. */
export function directoryOf(brokerId: number): string {
  return `BROKER${String(brokerId).padStart(15, '0')}A`;
}

/** Registers and unfences a broker; returns its epoch. */
export async function joinBroker({ node }: TestNode, brokerId = 1, directoryId?: string): Promise<bigint> {
  const incarnationId = `INCARNATION${String(brokerId).padStart(10, '0')}A`;
  const { brokerEpoch } = await node.controller.registerBroker(
    { requestVersion: 4 },
    registration(brokerId, incarnationId, directoryId),
  );
  await node.controller.processBrokerHeartbeat(
    { requestVersion: 1 },
    newBrokerHeartbeatRequest({ brokerId, brokerEpoch, currentMetadataOffset: BigInt(node.logEndOffset - 1) }),
  );
  return brokerEpoch;
}
