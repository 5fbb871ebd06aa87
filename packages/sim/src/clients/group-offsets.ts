/**
 * Commits and finds offsets of one group, in a topic.
 */
import {
  ApiKey,
  decodeOffsetCommitResponse,
  decodeOffsetFetchResponse,
  ErrorCode,
  encodeOffsetCommitRequest,
  encodeOffsetFetchRequest,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newOffsetFetchRequest,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopics,
  type OffsetCommitResponse,
  type OffsetFetchResponse,
} from '@skarab/protocol';
import type { CoordinatorClient } from './coordinator-client.ts';

// The versions that name topics by their names.
const commitApi = {
  apiKey: ApiKey.OFFSET_COMMIT,
  maxVersion: 9,
  encode: encodeOffsetCommitRequest,
  decode: decodeOffsetCommitResponse,
};
const fetchApi = {
  apiKey: ApiKey.OFFSET_FETCH,
  maxVersion: 9,
  encode: encodeOffsetFetchRequest,
  decode: decodeOffsetFetchResponse,
};

/** As whom one asks. */
export interface MemberIdentity {
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly instanceId: string | null;
}

/** What a coordinator says of an offset. */
export interface CommittedOffset {
  readonly errorCode: number;
  readonly offset: number;
}

export class GroupOffsets {
  readonly #coordinator: CoordinatorClient;
  readonly #topic: string;
  readonly #member: () => MemberIdentity | undefined;

  /** `member` is whom to ask as; nobody unless given. */
  constructor(coordinator: CoordinatorClient, topic: string, member = (): MemberIdentity | undefined => undefined) {
    this.#coordinator = coordinator;
    this.#topic = topic;
    this.#member = member;
  }

  /** Returns the error that a coordinator answers at last. */
  async commit(partition: number, offset: number): Promise<number> {
    const request = this.#commitRequest(partition, offset);
    return (await this.#coordinator.untilAnswered(commitApi, request, answerOf)).errorCode;
  }

  /** Asks once; returns the error, undefined when there was no answer. */
  async commitOnce(partition: number, offset: number): Promise<number | undefined> {
    const response = await this.#coordinator.ask(commitApi, this.#commitRequest(partition, offset));
    const errorCode = response && answerOf(response)?.errorCode;
    if (errorCode !== ErrorCode.NONE) this.#coordinator.forget();
    return errorCode;
  }

  /** The offset that is committed and that no transaction is about to change, -1 when there is none; or an error. */
  committed(partition: number): Promise<CommittedOffset> {
    return this.#coordinator.untilAnswered(fetchApi, this.#fetchRequest(partition), committedOffsetOf);
  }

  /** Asks once; undefined when there was no answer. */
  async committedOnce(partition: number): Promise<CommittedOffset | undefined> {
    const response = await this.#coordinator.ask(fetchApi, this.#fetchRequest(partition));
    const answer = response && committedOffsetOf(response);
    if (answer?.errorCode !== ErrorCode.NONE) this.#coordinator.forget();
    return answer;
  }

  #fetchRequest(partition: number) {
    const topics = [newOffsetFetchRequestTopics({ name: this.#topic, partitionIndexes: [partition] })];
    const { memberId = null, memberEpoch = -1 } = this.#member() ?? {};
    const groups = [newOffsetFetchRequestGroup({ groupId: this.#coordinator.key, memberId, memberEpoch, topics })];
    return newOffsetFetchRequest({ groups, requireStable: true });
  }

  #commitRequest(partitionIndex: number, offset: number) {
    const partition = newOffsetCommitRequestPartition({ partitionIndex, committedOffset: BigInt(offset) });
    const { memberId = '', memberEpoch = -1, instanceId = null } = this.#member() ?? {};
    return newOffsetCommitRequest({
      groupId: this.#coordinator.key,
      memberId,
      groupInstanceId: instanceId,
      generationIdOrMemberEpoch: memberEpoch,
      topics: [newOffsetCommitRequestTopic({ name: this.#topic, partitions: [partition] })],
    });
  }
}

function answerOf({ topics }: OffsetCommitResponse) {
  return topics[0]?.partitions[0];
}

function committedOffsetOf({ groups: [group] }: OffsetFetchResponse): CommittedOffset | undefined {
  const partition = group?.topics[0]?.partitions[0];
  const errorCode = group?.errorCode || partition?.errorCode || ErrorCode.NONE;
  return group && { errorCode, offset: Number(partition?.committedOffset ?? -1n) };
}
