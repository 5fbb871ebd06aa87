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
export interface GroupMember {
  readonly memberId: string;
  readonly memberEpoch: number;
}

export class GroupOffsets {
  readonly #coordinator: CoordinatorClient;
  readonly #topic: string;
  readonly #member: () => GroupMember | undefined;

  /** `member` is whom to ask as; nobody unless given. */
  constructor(coordinator: CoordinatorClient, topic: string, member = (): GroupMember | undefined => undefined) {
    this.#coordinator = coordinator;
    this.#topic = topic;
    this.#member = member;
  }

  /** Returns the error that a coordinator answers at last. */
  async commit(partitionIndex: number, offset: number): Promise<number> {
    const partition = newOffsetCommitRequestPartition({ partitionIndex, committedOffset: BigInt(offset) });
    const { memberId = '', memberEpoch = -1 } = this.#member() ?? {};
    const request = newOffsetCommitRequest({
      groupId: this.#coordinator.key,
      memberId,
      generationIdOrMemberEpoch: memberEpoch,
      topics: [newOffsetCommitRequestTopic({ name: this.#topic, partitions: [partition] })],
    });
    const read = ({ topics }: OffsetCommitResponse) => topics[0]?.partitions[0];
    return (await this.#coordinator.untilAnswered(commitApi, request, read)).errorCode;
  }

  /** The offset that is committed and no transaction is about to change, -1 when there is none; or an error. */
  async committed(partitionIndex: number): Promise<{ readonly errorCode: number; readonly offset: number }> {
    const topics = [newOffsetFetchRequestTopics({ name: this.#topic, partitionIndexes: [partitionIndex] })];
    const { memberId = null, memberEpoch = -1 } = this.#member() ?? {};
    const groups = [newOffsetFetchRequestGroup({ groupId: this.#coordinator.key, memberId, memberEpoch, topics })];
    const request = newOffsetFetchRequest({ groups, requireStable: true });
    return this.#coordinator.untilAnswered(fetchApi, request, ({ groups: [group] }) => {
      const partition = group?.topics[0]?.partitions[0];
      const errorCode = group?.errorCode || partition?.errorCode || ErrorCode.NONE;
      return group && { errorCode, offset: Number(partition?.committedOffset ?? -1n) };
    });
  }
}
