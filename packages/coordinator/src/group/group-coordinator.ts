/**
 * The group coordinator of one broker: every request about groups comes in here, and every effect goes out.
 *
 * Routes requests to the shard of their group, and tells shards what happens to their partitions. See the package's README for what the host
 * must do. Shape: decider and replayer. Source: org.apache.kafka.coordinator.group.GroupCoordinatorService.
 */
import { assert, type Logger, type Random } from '@skarab/base';
import { type AlterShareGroupOffsetsRequest, type DeleteShareGroupOffsetsRequest, ErrorCode } from '@skarab/protocol';
import { Coordinator } from '../runtime/coordinator.ts';
import { CoordinatorRuntime } from '../runtime/coordinator-runtime.ts';
import type { RuntimeEffect, TransactionEnd } from '../runtime/effects.ts';
import { assignorsFrom } from './assignor/assignors.ts';
import type { Front, Handler } from './front/call.ts';
import { consumerGroupDescribe, consumerGroupHeartbeat } from './front/consumer-groups.ts';
import { errorResponse } from './front/error-response.ts';
import { deleteGroups, describeGroups, listGroups } from './front/groups.ts';
import { heartbeat, joinGroup, leaveGroup, syncGroup } from './front/membership.ts';
import { offsetCommit, offsetDelete, offsetFetch } from './front/offsets.ts';
import {
  deleteShareGroupStates,
  shareGroupDescribe,
  shareGroupHeartbeat,
  shareGroupStates,
  statesInitialized,
} from './front/share-groups.ts';
import { alterShareGroupOffsets, beginShareOffsetsDeletion, endShareOffsetsDeletion } from './front/share-offsets.ts';
import { streamsGroupDescribe, streamsGroupHeartbeat } from './front/streams-groups.ts';
import { txnOffsetCommit } from './front/txn-offset-commit.ts';
import { brokerGroupConfigs, type GroupConfigs } from './group-configs.ts';
import type { GroupCoordinatorConfig } from './group-coordinator-config.ts';
import type { GroupRequest, GroupRequestContext, GroupRequestKind, GroupResponse } from './group-requests.ts';
import { GroupShard } from './group-shard.ts';
import { partitionForGroup } from './java-string.ts';
import { type ClusterChange, type ClusterImage, EMPTY_CLUSTER } from './metadata/cluster-image.ts';
import type { DeletedTopic } from './offsets/delete-offsets.ts';
import type { GroupRecord } from './records/group-record.ts';
import { groupRecordSerde } from './records/group-record-serde.ts';
import { Reply } from './reply.ts';
import type { StatesToInitialize } from './share/heartbeat.ts';
import type { AlteredOffsets, ForgottenTopics, OffsetsToDelete } from './share/offsets.ts';
import type { StatesToDelete } from './share/states.ts';

/** Send the response of the request with this token. */
export type RespondEffect = {
  [K in GroupRequestKind]: {
    readonly type: 'respond';
    readonly kind: K;
    readonly token: number;
    readonly response: GroupResponse<K>;
  };
}[GroupRequestKind];

/** The marker of a transaction is committed (NONE), or why it is not. */
export interface TransactionEndedEffect {
  readonly type: 'transactionEnded';
  readonly token: number;
  readonly errorCode: ErrorCode;
}

/** Have the share coordinator make states of partitions, then say `onShareStatesInitialized`. */
export interface InitializeShareStatesEffect {
  readonly type: 'initializeShareStates';
  readonly states: StatesToInitialize;
}

/** What a question about the states of share groups with this token came to. */
export interface ShareStatesEffect {
  readonly type: 'shareStates';
  readonly token: number;
  readonly result: StatesToDelete | AlteredOffsets | OffsetsToDelete | ErrorCode;
}

/** Effects that only group coordinators have. */
export type GroupEffect = TransactionEndedEffect | InitializeShareStatesEffect | ShareStatesEffect;

/** Everything that the host must do for the group coordinator. */
export type GroupCoordinatorEffect = RuntimeEffect | RespondEffect | GroupEffect;

/** What a group coordinator is made of. */
export interface GroupCoordinatorOptions {
  readonly config: GroupCoordinatorConfig;
  /** What is configured for single groups; as the broker's configuration when left out. */
  readonly groupConfigs?: GroupConfigs;
  /** The topics that there are from the start; none when left out. */
  readonly image?: ClusterImage;
  /** How many partitions `__consumer_offsets` has; never changes. */
  readonly partitionCount: number;
  /** `max.message.bytes` of `__consumer_offsets` now. */
  readonly maxBatchBytes: () => number;
  /** Member ids come from here. */
  readonly random: Random;
  readonly logger: Logger;
}

const handlers: { [K in GroupRequestKind]: Handler<K> } = {
  joinGroup,
  syncGroup,
  heartbeat,
  leaveGroup,
  offsetCommit,
  txnOffsetCommit,
  offsetFetch,
  offsetDelete,
  describeGroups,
  listGroups,
  deleteGroups,
  consumerGroupHeartbeat,
  consumerGroupDescribe,
  shareGroupHeartbeat,
  shareGroupDescribe,
  streamsGroupHeartbeat,
  streamsGroupDescribe,
};

/** The group coordinator of one broker. */
export class GroupCoordinator extends Coordinator<GroupShard, GroupRecord, GroupCoordinatorEffect> {
  protected override readonly runtime: CoordinatorRuntime<GroupShard, GroupRecord>;
  readonly #front: Front;
  readonly #partitionCount: number;
  #image: ClusterImage;

  constructor(options: GroupCoordinatorOptions) {
    super();
    const { config, random, maxBatchBytes, logger } = options;
    this.#partitionCount = options.partitionCount;
    this.#image = options.image ?? EMPTY_CLUSTER;
    const assignors = assignorsFrom(config.consumerAssignors);
    assert(assignors.size > 0, 'no assignor for consumer groups');
    const groupConfigs = options.groupConfigs ?? brokerGroupConfigs(config);
    const settings = { config, groupConfigs, assignors, random, image: () => this.#image };
    this.runtime = new CoordinatorRuntime({
      createShard: (environment) => new GroupShard(environment, settings),
      serde: groupRecordSerde,
      writeTimeoutMs: config.offsetsCommitTimeoutMs,
      appendLingerMs: config.appendLingerMs,
      maxBatchBytes,
      emit: (effect) => this.emit(effect),
      logger,
    });
    this.#front = {
      runtime: this.runtime,
      config,
      assignors,
      partitionFor: (groupId) => this.partitionFor(groupId),
      initializeStates: (states) => this.emit({ type: 'initializeShareStates', states }),
    };
  }

  /** The partition of `__consumer_offsets` whose leader coordinates a group. */
  partitionFor(groupId: string): number {
    return partitionForGroup(groupId, this.#partitionCount);
  }

  /** Takes a request; its response is an effect with the same token, now or later, exactly once. */
  handleRequest<K extends GroupRequestKind>(
    kind: K,
    context: GroupRequestContext,
    request: GroupRequest<K>,
    token: number,
    nowMs: number,
  ): void {
    const reply = new Reply<GroupResponse<K>>((response) => {
      // Kind and response belong together by the types of the parameters, which a union cannot say.
      this.emit({ type: 'respond', kind, token, response } as RespondEffect);
    });
    if (this.isShutDown)
      reply.send(errorResponse(kind, request, ErrorCode.COORDINATOR_NOT_AVAILABLE, context.apiVersion));
    else handlers[kind](this.#front, { context, request, reply, nowMs });
  }

  /** The partitions of a share group that have a state: a 'shareStates' effect with this token follows. */
  shareGroupStates(groupId: string, token: number, nowMs: number): void {
    shareGroupStates(this.#front, groupId, (result) => this.#pushStates(token, result), nowMs);
  }

  /** Begins the deletion of a share group, or of a group of another type: a 'shareStates' effect with what must go first follows. */
  beginShareGroupDeletion(groupId: string, token: number, nowMs: number): void {
    deleteShareGroupStates(this.#front, groupId, (result) => this.#pushStates(token, result), nowMs);
  }

  /** Sets where a share group begins: a 'shareStates' effect with the `AlteredOffsets` follows. */
  alterShareOffsets(request: AlterShareGroupOffsetsRequest, token: number, nowMs: number): void {
    alterShareGroupOffsets(this.#front, request, (altered) => this.#pushStates(token, altered), nowMs);
  }

  /** Begins to forget where a share group is: a 'shareStates' effect with the `OffsetsToDelete` follows. */
  beginShareOffsetsDeletion(request: DeleteShareGroupOffsetsRequest, token: number, nowMs: number): void {
    beginShareOffsetsDeletion(this.#front, request, (begun) => this.#pushStates(token, begun), nowMs);
  }

  /** The share coordinator has forgotten topics: a 'shareStates' effect with NONE, or an error, follows. */
  endShareOffsetsDeletion(forgotten: ForgottenTopics, token: number, nowMs: number): void {
    endShareOffsetsDeletion(this.#front, forgotten, (errorCode) => this.#pushStates(token, errorCode), nowMs);
  }

  /** What an 'initializeShareStates' effect has come to. */
  onShareStatesInitialized(states: StatesToInitialize, isDone: boolean, nowMs: number): void {
    statesInitialized(this.#front, states, isDone, nowMs);
  }

  #pushStates(token: number, result: ShareStatesEffect['result']): void {
    this.emit({ type: 'shareStates', token, result });
  }

  /** The cluster's topics are others now; to be called also when nothing but their version has changed. */
  onMetadataUpdate(image: ClusterImage, change: ClusterChange, nowMs: number): void {
    this.#image = image;
    for (const partition of this.runtime.partitions())
      this.runtime.read(
        partition,
        (shard) => shard.onMetadataUpdate(image, change),
        () => {},
        nowMs,
      );
  }

  /** Ends a producer's transaction in a partition of `__consumer_offsets`: a 'transactionEnded' effect with this token follows. */
  endTransaction(partition: number, end: TransactionEnd, token: number, nowMs: number): void {
    const finish = (errorCode: ErrorCode): void => this.emit({ type: 'transactionEnded', token, errorCode });
    if (this.isShutDown) finish(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    else this.runtime.endTransaction(partition, end, finish, nowMs);
  }

  /** Offsets of these topics go, in every shard here. */
  onTopicsDeleted(topics: readonly DeletedTopic[], nowMs: number): void {
    for (const partition of this.runtime.partitions())
      this.runtime.write(
        partition,
        (shard) => shard.onTopicsDeleted(topics),
        () => {},
        nowMs,
      );
  }
}
