/**
 * The controller: requests become decisions, decisions become records, and replies wait until these are committed.
 *
 * Deciders run at once, over the newest image, so that requests are decided in the order of their arrival. What they decide is replayed
 * before it is committed; a reply that is based on it waits. Only the controller that leads the quorum decides (`claim` … `renounce`).
 * Shape: host. Source: org.apache.kafka.controller.QuorumController.
 */
import { type Clock, type Logger, type Random, StateError } from '@skarab/base';
import { ApiError, ApiKey, ErrorCode, newAlterPartitionResponse, newNoOpRecord } from '@skarab/protocol';
import { ANONYMOUS, type Principal } from '@skarab/security';
import type { BootstrapMetadata } from '../core/bootstrap/bootstrap-metadata.ts';
import { createAcls, deleteAcls } from '../core/controller/acl-control.ts';
import { activationRecords } from '../core/controller/activation.ts';
import type { BrokerIdAndEpoch } from '../core/controller/broker-heartbeats.ts';
import { alterClientQuotas } from '../core/controller/client-quota-control.ts';
import type { ControllerState } from '../core/controller/controller-state.ts';
import type { Deciders } from '../core/controller/deciders.ts';
import { type Decision, decide, withoutRecords } from '../core/controller/decision.ts';
import type { DelegationTokenControl } from '../core/controller/delegation-token-control.ts';
import { allocateProducerIds } from '../core/controller/producer-id-control.ts';
import { listReassignments } from '../core/controller/reassignments.ts';
import type { ControllerRequestContext, RequestOrigin } from '../core/controller/request-context.ts';
import { alterScramCredentials } from '../core/controller/scram-control.ts';
import { toNumber } from '../core/int64.ts';
import { MutationQuotas } from '../core/quota/mutation-quotas.ts';
import type { MetadataRecord } from '../core/record/metadata-record.ts';
import type { ControllerApi } from './controller-api.ts';
import type { ControllerRaft } from './controller-raft.ts';
import { PendingReplies } from './pending-replies.ts';
import { type PeriodicTask, PeriodicTasks } from './periodic-tasks.ts';
import { MAX_RECORDS_PER_BATCH, RecordWriter } from './record-writer.ts';
import { scramKeys } from './scram-keys.ts';

/** The task that fences brokers which were not heard of. */
const FENCING = 'maybeFenceStaleBroker';

/** Answers about voters name no addresses, so that it does not matter which listener would be named. */
const NO_LISTENER = { listener: '' };

/** From which version on requests are held strictly to the quota of mutations. */
const STRICT_VERSIONS = { createTopics: 6, deleteTopics: 5, createPartitions: 3 } as const;
const TOO_LARGE = 'Unable to perform excessively large batch operation.';

/** How often an active controller looks after things. */
export interface ControllerTimes {
  /** `broker.session.timeout.ms`. */
  readonly brokerSessionTimeoutMs: number;
  /** `metadata.max.idle.interval.ms`; 0 for no idle records. */
  readonly maxIdleIntervalMs: number;
  /** `leader.imbalance.check.interval.seconds`, or null without `auto.leader.rebalance.enable`. */
  readonly leaderImbalanceCheckIntervalMs: number | null;
  /** `unclean.leader.election.interval.ms`. */
  readonly uncleanElectionCheckIntervalMs: number;
  /** `delegation.token.expiry.check.interval.ms`. */
  readonly tokenExpiryCheckIntervalMs: number;
}

/** What a controller is made of. */
export interface ControllerOptions {
  readonly nodeId: number;
  readonly state: ControllerState;
  readonly deciders: Deciders;
  readonly raft: ControllerRaft;
  readonly bootstrap: BootstrapMetadata;
  readonly times: ControllerTimes;
  /** For how many seconds clients keep what they may create and delete: the windows of `controller.quota.window.*`. */
  readonly mutationBurstSeconds: number;
  readonly random: Random;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The controller of this node, active or not. */
export class Controller implements ControllerApi {
  readonly #state: ControllerState;
  readonly #deciders: Deciders;
  readonly #tokens: DelegationTokenControl;
  readonly #options: ControllerOptions;
  readonly #pending = new PendingReplies();
  readonly #writer: RecordWriter;
  readonly #tasks: PeriodicTasks;
  readonly #mutationQuotas: MutationQuotas;
  /** The epoch in which this controller is active, or null. */
  #epoch: number | null = null;
  /** Until the first controller since the start of the process is known. */
  #isStarting = true;

  constructor(options: ControllerOptions) {
    this.#state = options.state;
    this.#deciders = options.deciders;
    this.#tokens = options.deciders.delegationTokens;
    this.#options = options;
    this.#writer = new RecordWriter(options);
    this.#mutationQuotas = new MutationQuotas(options.mutationBurstSeconds);
    this.#tasks = new PeriodicTasks(this.#periodicTasks(), options.clock, options.logger);
  }

  /** True while this controller leads the quorum. */
  get isActive(): boolean {
    return this.#epoch !== null;
  }

  /** Becomes the active controller of `epoch`, with everything before it replayed. */
  claim(epoch: number): void {
    const { clock, logger, bootstrap, nodeId } = this.#options;
    this.#epoch = epoch;
    // The broker that ran beside the controller of the process before this one ended with it; nobody has to wait for its session.
    this.#state.activate(clock.monotonicMs(), this.#isStarting ? nodeId : null);
    this.#isStarting = false;
    const decision = activationRecords(this.#state, bootstrap, this.#deciders.configuration.staticMinIsr);
    if (!decision.ok) throw new StateError('Activation was refused');
    logger.info({ epoch }, decision.response);
    if (decision.records.length > 0) this.#writer.append(epoch, decision.records);
    this.#tasks.start();
  }

  /** Is not the active controller (any more): what is not committed is forgotten. `leaderId` is, if anybody. */
  renounce(leaderId: number | null): void {
    if (leaderId !== null) this.#isStarting = false;
    if (this.#epoch === null) return;
    this.#options.logger.warn({ epoch: this.#epoch }, 'renouncing the leadership of the metadata quorum');
    this.#epoch = null;
    this.#tasks.stop();
    this.#pending.failAll(this.#notController());
    this.#state.deactivate();
  }

  /** Replies based on `offset` and before may go out. */
  onCommitted(offset: number): void {
    this.#pending.completeUpTo(offset);
  }

  /** The unfenced brokers that have not been heard of since this controller became the active one; null while it is not. */
  get unheardBrokers(): readonly BrokerIdAndEpoch[] | null {
    return this.isActive ? this.#state.heartbeats.unheard : null;
  }

  /**
   * The broker's connection has ended, or its node does not take one: unless it is heard of within `graceMs`, it is fenced then. Without an
   * epoch it is the registered incarnation that is meant.
   */
  doubtBroker(brokerId: number, brokerEpoch: number | null, graceMs: number): void {
    const epoch = brokerEpoch ?? this.#state.image.cluster.brokers.get(brokerId)?.epoch;
    if (!this.isActive || epoch === undefined) return;
    const { clock } = this.#options;
    const endsSooner = this.#state.heartbeats.doubt({ id: brokerId, epoch }, clock.monotonicMs(), graceMs);
    if (endsSooner) clock.after(graceMs + 1, () => this.#tasks.runSoon(FENCING));
  }

  /** Does nothing any more unless asked. */
  stopTasks(): void {
    this.#tasks.stop();
  }

  /** Stops deciding. */
  close(): void {
    this.#tasks.stop();
    this.#epoch = null;
    this.#pending.failAll(this.#notController());
  }

  createTopics: ControllerApi['createTopics'] = (context, request, access) =>
    this.#mutate(context, STRICT_VERSIONS.createTopics, (charged) =>
      this.#deciders.topicCreation.createTopics(charged, request, access),
    );

  deleteTopics: ControllerApi['deleteTopics'] = (context, request, access) =>
    this.#mutate(context, STRICT_VERSIONS.deleteTopics, (charged) =>
      this.#deciders.topicDeletion.deleteTopics(charged, request, access),
    );

  createPartitions: ControllerApi['createPartitions'] = (context, request, mayAlter) =>
    this.#mutate(context, STRICT_VERSIONS.createPartitions, (charged) =>
      this.#deciders.partitionCreation.createPartitions(charged, request, mayAlter),
    );

  alterConfigs: ControllerApi['alterConfigs'] = (_context, request, access) =>
    this.#write(() => this.#deciders.alterConfigs.alter(request, access));

  incrementalAlterConfigs: ControllerApi['incrementalAlterConfigs'] = (_context, request, access) =>
    this.#write(() => this.#deciders.alterConfigs.incrementalAlter(request, access));

  registerBroker: ControllerApi['registerBroker'] = ({ requestVersion }, request) =>
    this.#write(() =>
      this.#deciders.cluster.registerBroker(request, {
        requestVersion,
        nextWriteOffset: this.#options.raft.logEndOffset,
        nowMs: this.#options.clock.monotonicMs(),
        finalizedLevels: this.#deciders.features.finalizedLevels,
      }),
    );

  processBrokerHeartbeat: ControllerApi['processBrokerHeartbeat'] = async (_context, request) => {
    // Contact counts even when the heartbeat is refused.
    if (this.isActive) {
      const broker = { id: request.brokerId, epoch: toNumber(request.brokerEpoch) };
      this.#state.heartbeats.track(broker, this.#options.clock.monotonicMs());
    }
    const reply = await this.#write(
      () => this.#deciders.lifecycle.processHeartbeat(request),
      ({ inControlledShutdown }, offset) => {
        if (inControlledShutdown) this.#state.heartbeats.setControlledShutdownOffset(request.brokerId, offset);
      },
    );
    return reply.response;
  };

  unregisterBroker: ControllerApi['unregisterBroker'] = (_context, request) =>
    this.#write(() => this.#deciders.lifecycle.unregister(request));

  registerController: ControllerApi['registerController'] = (_context, request) =>
    this.#write(() => this.#deciders.cluster.registerController(request));

  alterPartition: ControllerApi['alterPartition'] = ({ requestVersion }, request) =>
    // As in Kafka, a request about nothing is fine, whoever sends it.
    request.topics.length === 0
      ? Promise.resolve(newAlterPartitionResponse())
      : this.#write(() => this.#deciders.isrChanges.alterPartition(request, requestVersion));

  assignReplicasToDirs: ControllerApi['assignReplicasToDirs'] = (_context, request) =>
    this.#write(() => this.#deciders.directories.assign(request));

  electLeaders: ControllerApi['electLeaders'] = (_context, request) =>
    this.#write(() => this.#deciders.elections.electLeaders(request));

  alterPartitionReassignments: ControllerApi['alterPartitionReassignments'] = (_context, request) =>
    this.#write(() => this.#deciders.reassignments.alter(request));

  listPartitionReassignments: ControllerApi['listPartitionReassignments'] = (_context, request) =>
    this.#write(() => decide([], listReassignments(this.#state.image, this.#state.index.reassigning, request)));

  allocateProducerIds: ControllerApi['allocateProducerIds'] = (_context, request) =>
    this.#write(() => allocateProducerIds(this.#state, this.#deciders.cluster, request));

  updateFeatures: ControllerApi['updateFeatures'] = ({ requestVersion }, request) =>
    this.#write(() => this.#deciders.features.updateFeatures(request, requestVersion));

  alterClientQuotas: ControllerApi['alterClientQuotas'] = (_context, request) =>
    this.#write(() => {
      const decision = alterClientQuotas(this.#state, request);
      return request.validateOnly ? withoutRecords(decision) : decision;
    });

  createAcls: ControllerApi['createAcls'] = (_context, request) =>
    this.#write(() => createAcls(this.#state, this.#options.random, request));

  deleteAcls: ControllerApi['deleteAcls'] = (_context, request) => this.#write(() => deleteAcls(this.#state, request));

  alterUserScramCredentials: ControllerApi['alterUserScramCredentials'] = (_context, request) =>
    this.#write(() => alterScramCredentials(this.#state, scramKeys, request));

  createDelegationToken: ControllerApi['createDelegationToken'] = ({ requestVersion, origin }, request) =>
    this.#write(() => this.#tokens.create(request, requestVersion, requesterOf(origin), this.#nowMs()));

  renewDelegationToken: ControllerApi['renewDelegationToken'] = ({ origin }, request) =>
    this.#write(() => this.#tokens.renew(request, requesterOf(origin), this.#nowMs()));

  expireDelegationToken: ControllerApi['expireDelegationToken'] = ({ origin }, request) =>
    this.#write(() => this.#tokens.expire(request, requesterOf(origin), this.#nowMs()));

  describeQuorum: ControllerApi['describeQuorum'] = async (_context, request) =>
    this.#options.raft.describeQuorum(request);

  addRaftVoter: ControllerApi['addRaftVoter'] = ({ requestVersion }, request) =>
    this.#options.raft.handle(ApiKey.ADD_RAFT_VOTER, request, { ...NO_LISTENER, apiVersion: requestVersion });

  removeRaftVoter: ControllerApi['removeRaftVoter'] = ({ requestVersion }, request) =>
    this.#options.raft.handle(ApiKey.REMOVE_RAFT_VOTER, request, { ...NO_LISTENER, apiVersion: requestVersion });

  /** Decides and writes within the quota of the client that asks; the reply says for how long it has to wait (KIP-599). */
  async #mutate<T extends { throttleTimeMs: number }>(
    context: ControllerRequestContext,
    strictSinceVersion: number,
    makeDecision: (context: ControllerRequestContext) => Decision<T>,
  ): Promise<T> {
    const { origin, requestVersion } = context;
    const { clientQuotas } = this.#state.image;
    if (origin === undefined || clientQuotas.entities.size === 0) return this.#write(() => makeDecision(context));
    const nowMs = (): number => this.#options.clock.monotonicMs();
    const client = { user: origin.principal.name, clientId: origin.clientId };
    const quota = this.#mutationQuotas.of(clientQuotas, client, requestVersion >= strictSinceVersion, nowMs());
    if (quota === undefined) return this.#write(() => makeDecision(context));
    const chargePartitionMutations = (count: number): number | null => quota.charge(count, nowMs());
    const reply = await this.#write(() => makeDecision({ ...context, chargePartitionMutations }));
    return { ...reply, throttleTimeMs: quota.throttleMs(nowMs()) };
  }

  /** Decides now, or when what was decided before is written; writes what was decided, and replies when that is committed. */
  #write<T>(makeDecision: () => Decision<T>, onAppended?: (response: T, lastOffset: number) => void): Promise<T> {
    const { busy } = this.#writer;
    if (busy !== null) return busy.then(() => this.#write(makeDecision, onAppended));
    const epoch = this.#epoch;
    if (epoch === null) return Promise.reject(this.#notController());
    try {
      const decision = makeDecision();
      if (!decision.ok) return Promise.reject(new ApiError(decision.error.code, decision.error.message));
      const { records, atomic, response } = decision;
      if (atomic && records.length > MAX_RECORDS_PER_BATCH)
        return Promise.reject(new ApiError(ErrorCode.POLICY_VIOLATION, TOO_LARGE));
      if (records.length === 0) {
        onAppended?.(response, this.#options.raft.logEndOffset - 1);
        // It may still be based on records that are not yet committed.
        return this.#whenCommitted(this.#pending.highestOffset, response);
      }
      const reply = (lastOffset: number): Promise<T> => {
        onAppended?.(response, lastOffset);
        return this.#whenCommitted(lastOffset, response);
      };
      const appended = atomic ? this.#writer.appendAtomically(epoch, records) : this.#writer.appendAll(epoch, records);
      if (typeof appended === 'number') return reply(appended);
      // Who has lost the leadership on the way may be the leader of a later epoch already.
      const errorOf = (error: unknown): ApiError =>
        this.#epoch === epoch ? this.#unexpected(error) : this.#notController();
      return appended.then(reply, (error) => Promise.reject(errorOf(error)));
    } catch (error) {
      return Promise.reject(this.#unexpected(error));
    }
  }

  #whenCommitted<T>(offset: number, response: T): Promise<T> {
    if (offset === -1) return Promise.resolve(response);
    return new Promise((resolve, reject) => this.#pending.add(offset, () => resolve(response), reject));
  }

  #unexpected(error: unknown): ApiError {
    if (error instanceof ApiError) return error;
    if (this.#epoch === null) return this.#notController();
    this.#options.logger.error({ error }, 'a controller operation failed unexpectedly');
    return new ApiError(ErrorCode.UNKNOWN_SERVER_ERROR, null, { cause: error });
  }

  readonly #nowMs = (): number => this.#options.clock.nowMs();

  #notController(): ApiError {
    const { leaderId } = this.#options.raft.leader;
    const message =
      leaderId === null
        ? 'No controller appears to be active.'
        : `The active controller appears to be node ${leaderId}.`;
    return new ApiError(ErrorCode.NOT_CONTROLLER, message);
  }

  #periodicTasks(): PeriodicTask[] {
    const { times, clock } = this.#options;
    const noOp: MetadataRecord = { type: 'NoOpRecord', version: 0, data: newNoOpRecord() };
    const task = (name: string, periodMs: number | null, makeDecision: () => Decision<boolean>): PeriodicTask[] =>
      periodMs === null || periodMs <= 0 ? [] : [{ name, periodMs, run: () => this.#runTask(makeDecision) }];
    const { elections, lifecycle } = this.#deciders;
    const fencePeriodMs = Math.max(1, times.brokerSessionTimeoutMs / 8);
    return [
      ...task('writeNoOpRecord', times.maxIdleIntervalMs, () => decide([noOp], false)),
      ...task(FENCING, fencePeriodMs, () => lifecycle.fenceOneStaleBroker(clock.monotonicMs())),
      ...task('electPreferred', times.leaderImbalanceCheckIntervalMs, () => elections.balanceLeaders()),
      ...task('electUnclean', times.uncleanElectionCheckIntervalMs, () => elections.electUncleanly()),
      ...task('expireDelegationTokens', times.tokenExpiryCheckIntervalMs, () => this.#tokens.sweep(this.#nowMs())),
    ];
  }

  /** Returns true when the task should run again soon, as it should when it was not its turn. */
  #runTask(makeDecision: () => Decision<boolean>): boolean {
    const epoch = this.#epoch;
    if (epoch === null) return false;
    if (this.#writer.busy !== null) return true;
    const decision = makeDecision();
    if (!decision.ok) throw new ApiError(decision.error.code, decision.error.message);
    const { records, atomic, response } = decision;
    if (records.length === 0) return response;
    if (atomic) this.#writer.append(epoch, records);
    else this.#inBackground(this.#writer.appendAll(epoch, records));
    return response;
  }

  #inBackground(appended: number | Promise<number>): void {
    if (typeof appended === 'number') return;
    appended.catch((error) => this.#options.logger.warn({ error }, 'gave up writing what a task decided'));
  }
}

/** Who asks for a token. */
const requesterOf = (origin: RequestOrigin | undefined): Principal => origin?.principal ?? ANONYMOUS;
