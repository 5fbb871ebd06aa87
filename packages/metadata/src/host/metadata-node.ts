/**
 * The metadata of one node: its replica of the metadata log, the state that the log makes, the controller, and those who are told.
 *
 *     RaftNode ─committed batches─▶ ControllerState ─steps─▶ Publishers, SnapshotGenerator
 *        ▲────────records───────── Controller ◀─requests
 *
 * Shape: host; everything happens on one event loop. Source: kafka.server.SharedServer, kafka.server.ControllerServer,
 * org.apache.kafka.image.loader.MetadataLoader.
 */
import { type Clock, type Logger, type Random, StateError, type Turns, type Uuid } from '@skarab/base';
import type { Storage } from '@skarab/log';
import { ErrorCode } from '@skarab/protocol';
import {
  type CommittedBatch,
  DEFAULT_RETENTION,
  type LeaderAndEpoch,
  type QuorumConfig,
  type RaftApiKey,
  type RaftApis,
  type RaftListener,
  type RaftLog,
  RaftNode,
  type RaftTransport,
  type RequestContext,
  type RetentionLimits,
  type SnapshotContents,
  VoterSet,
} from '@skarab/raft';
import type { BootstrapMetadata } from '../core/bootstrap/bootstrap-metadata.ts';
import type { BrokerIdAndEpoch } from '../core/controller/broker-heartbeats.ts';
import type { ConfigSchema } from '../core/controller/config-schema.ts';
import { ControllerState } from '../core/controller/controller-state.ts';
import { Deciders } from '../core/controller/deciders.ts';
import { failure } from '../core/controller/decision.ts';
import type { DelegationTokenSettings } from '../core/controller/delegation-token-control.ts';
import type { TopicDefaults } from '../core/controller/topic-creation.ts';
import { supportedFeatureRanges } from '../core/feature/feature.ts';
import type { MetadataImage } from '../core/image/metadata-image.ts';
import type { MetadataPublisher } from '../core/publisher.ts';
import type { MetadataRecord } from '../core/record/metadata-record.ts';
import { decodeMetadataRecord } from '../core/record/serde.ts';
import type { RegisteredEndpoint } from '../core/registration/endpoint.ts';
import type { MetadataUpdate } from '../core/state-machine.ts';
import { Controller, type ControllerTimes } from './controller.ts';
import type { ControllerApi } from './controller-api.ts';
import { ControllerRegistrar } from './controller-registration.ts';
import { Publishers } from './publishers.ts';
import { SnapshotGenerator, type SnapshotLimits } from './snapshot-generator.ts';

/** A voter of `controller.quorum.voters`. */
export interface StaticVoter {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

/** Where a voter of the quorum listens. */
export interface VoterAddress {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
}

/** What a node's metadata is made of. */
export interface MetadataNodeOptions {
  readonly nodeId: number;
  readonly clusterId: string;
  /** Id of the directory that holds the metadata log, from its `meta.properties`. */
  readonly directoryId: Uuid;
  /** False for a node with the broker's role alone, which follows the quorum and never votes. Default true. */
  readonly isController?: boolean;
  /** The advertised controller listeners, with the ports that were really bound; the first is the voters' one. Empty for a broker. */
  readonly endpoints: readonly RegisteredEndpoint[];
  /** The controller listener that voters use, where this node has none itself; default is the first of `endpoints`. */
  readonly controllerListener?: string;
  /** `controller.quorum.voters`; empty for a dynamic quorum. */
  readonly staticVoters: readonly StaticVoter[];
  /** `controller.quorum.bootstrap.servers`. */
  readonly bootstrapServers?: readonly { readonly host: string; readonly port: number }[];
  /** The other `controller.quorum.*`. */
  readonly quorum?: Partial<QuorumConfig>;
  /** `controller.quorum.append.linger.ms`; by default the appends of one turn share one fsync. */
  readonly appendLingerMs?: number;
  /** The way to the other replicas of the metadata log; a node that is alone needs none. */
  readonly transport?: RaftTransport;
  /** The active controller, as this node reaches it to register itself; default is the node's own. */
  readonly activeController?: Pick<ControllerApi, 'registerController'>;
  /** How long a leader may take to hand over when it stops. */
  readonly shutdownTimeoutMs?: number;
  readonly log: RaftLog;
  readonly storage: Storage;
  /** The folder of the metadata log, `…/__cluster_metadata-0`. */
  readonly directory: string;
  readonly bootstrap: BootstrapMetadata;
  readonly configSchema: ConfigSchema;
  /** The node's properties file. */
  readonly staticConfig: ReadonlyMap<string, string>;
  /** `num.partitions` and `default.replication.factor`. */
  readonly topicDefaults: TopicDefaults;
  /** `delete.topic.enable`. */
  readonly isTopicDeletionEnabled: boolean;
  /** `delegation.token.*`; no tokens by default. */
  readonly delegationTokens?: DelegationTokenSettings;
  /** `unstable.feature.versions.enable`. */
  readonly areUnstableFeaturesEnabled?: boolean;
  readonly times?: Partial<ControllerTimes>;
  /** `controller.quota.window.num` × `controller.quota.window.size.seconds`. */
  readonly mutationBurstSeconds?: number;
  readonly snapshots?: Partial<SnapshotLimits>;
  readonly retention?: Partial<RetentionLimits>;
  /** How long deleted snapshot files stay for those who read them. */
  readonly fileDeleteDelayMs?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The node cannot go on: its metadata log has failed, or holds what cannot be understood. Called once. */
  readonly onFault: (error: Error) => void;
}

const DEFAULT_TIMES: ControllerTimes = {
  brokerSessionTimeoutMs: 9000,
  maxIdleIntervalMs: 500,
  leaderImbalanceCheckIntervalMs: 300_000,
  uncleanElectionCheckIntervalMs: 300_000,
  tokenExpiryCheckIntervalMs: 3_600_000,
};
const NO_TOKENS: DelegationTokenSettings = { hmac: null, maxLifetimeMs: 604_800_000, expiryTimeMs: 86_400_000 };
const DEFAULT_MUTATION_BURST_SECONDS = 11;
const DEFAULT_SNAPSHOTS: SnapshotLimits = { maxBytes: 20 * 1024 * 1024, maxIntervalMs: 3_600_000 };
const FILE_DELETE_DELAY_MS = 60_000;
/** Records that are decoded in one turn. */
const RECORDS_A_TURN = 500;

/** The metadata of a node. */
export class MetadataNode implements RaftListener {
  readonly #options: MetadataNodeOptions;
  readonly #state: ControllerState;
  readonly #raft: RaftNode;
  readonly #controller: Controller;
  readonly #publishers: Publishers;
  readonly #snapshots: SnapshotGenerator;
  readonly #registrar: ControllerRegistrar;
  /** Until the log is loaded nobody is told of its single steps, but of the whole. */
  #isLoaded = false;
  #loadedBytes = 0;
  #fault: Error | null = null;

  constructor(options: MetadataNodeOptions) {
    const { clock, logger, random, nodeId } = options;
    this.#options = options;
    const times = { ...DEFAULT_TIMES, ...options.times };
    this.#state = new ControllerState(times.brokerSessionTimeoutMs);
    this.#raft = this.#createRaft();
    const supportedFeatures = supportedFeatureRanges(options.areUnstableFeaturesEnabled);
    this.#controller = new Controller({
      nodeId,
      state: this.#state,
      deciders: this.#createDeciders(supportedFeatures),
      raft: this.#raft,
      bootstrap: options.bootstrap,
      times,
      mutationBurstSeconds: options.mutationBurstSeconds ?? DEFAULT_MUTATION_BURST_SECONDS,
      random,
      clock,
      logger: logger.child({ component: 'controller' }),
    });
    this.#publishers = new Publishers(logger);
    const limits = { ...DEFAULT_SNAPSHOTS, ...options.snapshots };
    this.#snapshots = new SnapshotGenerator(limits, (id, ms) => this.#raft.createSnapshot(id, ms), clock, logger);
    const { endpoints } = options;
    const controller = options.activeController ?? this.#controller;
    this.#registrar = new ControllerRegistrar({
      nodeId,
      endpoints,
      supportedFeatures,
      controller,
      clock,
      random,
      logger,
    });
    // A broker is no controller to be found.
    if (options.isController === false) this.#registrar.stop();
  }

  /** The controller of this node; rejects with NOT_CONTROLLER while it does not lead. */
  get controller(): ControllerApi {
    return this.#controller;
  }

  /** The newest committed image that was published. */
  get image(): MetadataImage {
    return this.#publishers.image;
  }

  /** Level of `kraft.version`, which is not part of the image. */
  get kraftVersion(): number {
    return this.#raft.kraftVersion;
  }

  /** Who leads the quorum. */
  get leader(): LeaderAndEpoch {
    return this.#raft.leader;
  }

  /** The active controller and its address; undefined while nobody leads, or its address is not known here. */
  get activeController(): VoterAddress | undefined {
    const { leaderId } = this.#raft.leader;
    return leaderId === null ? undefined : this.#addressOf(leaderId);
  }

  /** Ids of the voters, as the newest record says. */
  get voterIds(): readonly number[] {
    return this.#raft.voters.ids;
  }

  /** Where the voters listen, as far as that is known here. */
  get voterAddresses(): VoterAddress[] {
    return this.voterIds.map((id) => this.#addressOf(id)).filter((address) => address !== undefined);
  }

  /** Offset up to which the metadata log is committed; 0 before the start. */
  get highWatermark(): number {
    return this.#raft.highWatermark ?? 0;
  }

  /** Where the next record goes. */
  get logEndOffset(): number {
    return this.#raft.logEndOffset;
  }

  /** Answers a request of the quorum's protocol; see `RaftNode.handle`. May be called as soon as `start` was. */
  handleRaft<K extends RaftApiKey>(
    apiKey: K,
    message: RaftApis[K]['request'],
    context: RequestContext,
  ): Promise<RaftApis[K]['response']> {
    return this.#raft.handle(apiKey, message, context);
  }

  /** See `Controller.unheardBrokers`. */
  get unheardBrokers(): readonly BrokerIdAndEpoch[] | null {
    return this.#controller.unheardBrokers;
  }

  /** See `Controller.doubtBroker`; nothing happens while another node is the active controller. */
  doubtBroker(brokerId: number, brokerEpoch: number | null, graceMs: number): void {
    this.#controller.doubtBroker(brokerId, brokerEpoch, graceMs);
  }

  /** Tells `publisher` everything that is committed, now and from now on. */
  install(publisher: MetadataPublisher): void {
    this.#publishers.install(publisher);
  }

  /** Takes a publisher out. */
  remove(publisher: MetadataPublisher): void {
    this.#publishers.remove(publisher);
  }

  /** Loads the log, joins the quorum and begins to control. Resolves when everything committed is known, and who leads. Errors: `CorruptDataError`, `StateError`, `StorageError`. */
  async start(): Promise<void> {
    await this.#raft.start();
    if (this.#fault !== null) throw this.#fault;
  }

  /** Stops; what was decided before is committed first, if a quorum is possible. Errors: rejects with `StorageError`; it has stopped all the same. */
  async close(isQuorumPossible?: () => Promise<boolean>): Promise<void> {
    this.#registrar.stop();
    await this.#snapshots.stop();
    this.#controller.stopTasks();
    try {
      await this.#raft.close(isQuorumPossible);
    } finally {
      this.#controller.close();
    }
  }

  // What raft tells.

  get nextOffset(): number {
    return this.#state.stableImage.provenance.lastContainedOffset + 1;
  }

  *handleSnapshot({ id, lastContainedLogTimestampMs, batches }: SnapshotContents): Turns<void> {
    if (this.#fault !== null) return;
    try {
      const update = yield* this.#state.loadSnapshot(recordsOf(batches), {
        lastContainedOffset: id.offset - 1,
        lastContainedEpoch: id.epoch,
        lastContainedLogTimeMs: lastContainedLogTimestampMs,
        isOffsetBatchAligned: true,
      });
      if (this.#isLoaded) this.#publish(update);
    } catch (error) {
      this.#onFault(error);
    }
  }

  *handleBatches(batches: readonly CommittedBatch[]): Turns<void> {
    if (this.#fault !== null) return;
    try {
      for (const { values, ...batch } of batches) {
        this.#state.apply({ ...batch, records: yield* decodeInTurns(values) });
        if (this.#isLoaded) continue;
        this.#state.commitTo(batch.lastOffset);
        this.#loadedBytes += batch.sizeInBytes;
      }
    } catch (error) {
      this.#onFault(error);
    }
  }

  handleHighWatermark(offset: number): void {
    this.#guard(() => {
      for (const update of this.#state.commitTo(offset - 1)) this.#publish(update);
      if (!this.#isLoaded) this.#onLoaded();
      this.#controller.onCommitted(this.#state.stableImage.provenance.lastContainedOffset);
    });
  }

  handleLeaderChange(leader: LeaderAndEpoch): void {
    this.#guard(() => {
      if (leader.leaderId === this.#options.nodeId) this.#controller.claim(leader.epoch);
      else this.#controller.renounce(leader.leaderId);
      this.#publishers.publishLeader(leader);
      this.#registrar.onImage(this.image);
    });
  }

  #addressOf(nodeId: number): VoterAddress | undefined {
    const { controllerListener, endpoints } = this.#options;
    const listener = controllerListener ?? endpoints[0]?.name;
    const endpoint = this.#raft.voters.get(nodeId)?.endpoints.find(({ name }) => name === listener);
    return endpoint === undefined ? undefined : { nodeId, host: endpoint.host, port: endpoint.port };
  }

  #onLoaded(): void {
    this.#isLoaded = true;
    const { stableImage } = this.#state;
    this.#publishers.begin(stableImage);
    this.#snapshots.onProgress(stableImage, this.#loadedBytes);
  }

  #publish(update: MetadataUpdate): void {
    this.#publishers.publish(update);
    this.#registrar.onImage(update.image);
    if (update.kind === 'snapshot') this.#snapshots.onSnapshotLoaded();
    else this.#snapshots.onProgress(update.image, update.sizeInBytes);
  }

  /** Metadata that cannot be understood is the end: going on would mean to decide and serve on other grounds than everybody else. */
  #guard(action: () => void): void {
    if (this.#fault !== null) return;
    try {
      action();
    } catch (error) {
      this.#onFault(error);
    }
  }

  #onFault(error: unknown): void {
    this.#fault = error instanceof Error ? error : new StateError(String(error));
    this.#options.logger.error({ error }, 'cannot apply metadata');
    this.#controller.close();
    this.#options.onFault(this.#fault);
  }

  #createRaft(): RaftNode {
    const { endpoints, staticVoters, isController = true, logger, onFault } = this.#options;
    const listenerName = this.#options.controllerListener ?? endpoints[0]?.name ?? '';
    return new RaftNode(
      {
        ...this.#options,
        endpoints: endpoints.map(({ name, host, port }) => ({ name, host, port })),
        listenerName,
        staticVoters: VoterSet.static(listenerName, staticVoters),
        canBecomeVoter: isController,
        retention: { ...DEFAULT_RETENTION, ...this.#options.retention },
        fileDeleteDelayMs: this.#options.fileDeleteDelayMs ?? FILE_DELETE_DELAY_MS,
        logger: logger.child({ component: 'raft' }),
        onFault: (error) => {
          this.#controller.close();
          onFault(error);
        },
      },
      this,
    );
  }

  #createDeciders(supported: ReturnType<typeof supportedFeatureRanges>): Deciders {
    const { nodeId, clusterId, configSchema, staticConfig, topicDefaults, isTopicDeletionEnabled, random } =
      this.#options;
    const raft = this.#raft;
    return new Deciders(this.#state, {
      clusterId,
      configuration: { nodeId, schema: configSchema, staticConfig },
      quorum: {
        nodeId,
        supported,
        get quorumNodeIds() {
          return raft.voters.ids;
        },
      },
      kraftVersion: {
        get current() {
          return raft.kraftVersion;
        },
        upgrade: (version, validateOnly) => {
          const reason = raft.upgradeKraftVersion(version, validateOnly);
          return reason === null ? null : failure(ErrorCode.INVALID_UPDATE_VERSION, reason);
        },
      },
      topicDefaults,
      isTopicDeletionEnabled,
      delegationTokens: this.#options.delegationTokens ?? NO_TOKENS,
      random,
    });
  }
}

function* decodeInTurns(values: readonly Uint8Array[]): Turns<MetadataRecord[]> {
  const records: MetadataRecord[] = [];
  for (const value of values) {
    if (records.length > 0 && records.length % RECORDS_A_TURN === 0) yield;
    records.push(decodeMetadataRecord(value));
  }
  return records;
}

function* recordsOf(batches: Iterable<CommittedBatch>): Generator<MetadataRecord> {
  for (const { values } of batches) {
    for (const value of values) yield decodeMetadataRecord(value);
  }
}
