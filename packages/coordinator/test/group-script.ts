/**
 * The commands of the transcripts: requests and events for a GroupHost, and effects in words.
 *
 * A command is a verb, a group where it needs one, and `name=value` arguments. Member ids are written `client~1`: the client id and the
 * number of the generated uuid. `#n` is the token of the n-th request.
 */
import { Buffer } from 'node:buffer';
import { randomUuid, seededRandom, type Uuid, ZERO_UUID } from '@skarab/base';
import {
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatRequestTopicPartitions,
  ErrorCode,
  encodeConsumerProtocolSubscription,
  errorName,
  type JoinGroupRequestProtocol,
  newConsumerGroupDescribeRequest,
  newConsumerGroupHeartbeatRequest,
  newConsumerGroupHeartbeatRequestTopicPartitions,
  newConsumerProtocolSubscription,
  newDeleteGroupsRequest,
  newDescribeGroupsRequest,
  newHeartbeatRequest,
  newJoinGroupRequest,
  newJoinGroupRequestProtocol,
  newLeaveGroupRequest,
  newListGroupsRequest,
  newMemberIdentity,
  newOffsetCommitRequest,
  newOffsetCommitRequestPartition,
  newOffsetCommitRequestTopic,
  newOffsetDeleteRequest,
  newOffsetDeleteRequestPartition,
  newOffsetDeleteRequestTopic,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopics,
  newStreamsGroupDescribeRequest,
  newSyncGroupRequest,
  newSyncGroupRequestAssignment,
  newTxnOffsetCommitRequest,
  newTxnOffsetCommitRequestPartition,
  Writer,
} from '@skarab/protocol';
import {
  type GroupCoordinatorConfig,
  type GroupCoordinatorEffect,
  groupCoordinatorOptions,
  type OptionValue,
} from '../src/index.ts';
import { GroupHost, type TestTopic } from './group-host.ts';
import { describeAppend, describeResponse, expandMemberId } from './group-text.ts';
import { streamsBeatOf } from './streams-script.ts';

/** A parsed command. */
class Arguments {
  readonly verb: string;
  readonly words: readonly string[];
  readonly #named = new Map<string, string>();

  constructor(line: string) {
    const [verb = '', ...rest] = line.split(/\s+/);
    this.verb = verb;
    const words: string[] = [];
    for (const word of rest) {
      const at = word.indexOf('=');
      // `t1:0=5` is an offset.
      if (at > 0 && !word.slice(0, at).includes(':')) this.#named.set(word.slice(0, at), word.slice(at + 1));
      else words.push(word);
    }
    this.words = words;
  }

  text(name: string, otherwise: string): string {
    return this.#named.get(name) ?? otherwise;
  }

  optional(name: string): string | null {
    return this.#named.get(name) ?? null;
  }

  number(name: string, otherwise: number): number {
    const text = this.#named.get(name);
    return text === undefined ? otherwise : Number(text);
  }

  list(name: string): string[] {
    const text = this.#named.get(name) ?? '';
    return text === '' ? [] : text.split(',');
  }

  member(): string {
    return expandMemberId(this.text('member', ''));
  }

  get named(): ReadonlyMap<string, string> {
    return this.#named;
  }
}

/** The id of a topic of the transcripts. */
export function topicIdOf(name: string): Uuid {
  if (name === '') return ZERO_UUID;
  return randomUuid(seededRandom([...name].reduce((sum, character) => sum * 31 + character.charCodeAt(0), 7)).bytes);
}

/** Runs commands and tells what happened. */
export class GroupScript {
  #host = new GroupHost();
  /** The hosts so far: one per `start`. */
  readonly hosts: GroupHost[] = [];

  /** Executes one command; returns its output, line by line. */
  run(line: string): string[] {
    const command = new Arguments(line);
    const before = this.#host.steps.length;
    const lines = this.#execute(command);
    const steps = command.verb === 'start' ? this.#host.steps : this.#host.steps.slice(before);
    return [...lines, ...describeEffects(steps.flatMap(({ effects }) => effects))];
  }

  #execute(command: Arguments): string[] {
    const host = this.#host;
    switch (command.verb) {
      case 'start':
        this.#host = new GroupHost({ config: configOf(command.named) });
        this.hosts.push(this.#host);
        this.#host.elect();
        return [];
      case 'advance':
        host.advance(Number(command.words[0]));
        return [];
      case 'fail-next':
        for (const name of command.words) host.failNextAppend(ErrorCode[name as keyof typeof ErrorCode]);
        return [];
      case 'hold-commits':
        host.holdCommits();
        return [];
      case 'commit-log':
        host.commit();
        return [];
      case 'elect':
        host.elect();
        return [];
      case 'resign':
        host.resign();
        return [];
      case 'restart':
        host.restart();
        return [];
      case 'shutdown':
        host.shutdown();
        return [];
      case 'deadline': {
        const deadlineMs = host.coordinator.nextDeadlineMs();
        return [deadlineMs === null ? 'none' : `in ${deadlineMs - host.nowMs} ms`];
      }
      case 'end-transaction':
        host.endTransaction({
          producerId: command.number('pid', 0),
          producerEpoch: command.number('epoch', 0),
          coordinatorEpoch: 0,
          isCommit: command.words[0] === 'commit',
          transactionVersion: 0,
        });
        return [];
      case 'topics-deleted':
        host.topicsDeleted(command.words.map((name) => ({ name, id: command.optional('id') ?? topicIdOf(name) })));
        return [];
      case 'topics':
        host.setTopics(command.words.map(topicOf));
        return [];
      default:
        this.#request(command);
        return [];
    }
  }

  #request(command: Arguments): void {
    const [groupId = ''] = command.words;
    const groupInstanceId = command.optional('instance');
    const memberId = command.member();
    const generationId = command.number('gen', -1);
    const context = {
      apiVersion: command.number('version', latest[command.verb] ?? 0),
      clientId: command.text('client', 'c'),
      clientHost: '/127.0.0.1',
    };
    const host = this.#host;
    switch (command.verb) {
      case 'join':
        host.send(
          'joinGroup',
          newJoinGroupRequest({
            ...{ groupId, groupInstanceId, memberId },
            sessionTimeoutMs: command.number('session', 10_000),
            rebalanceTimeoutMs: command.number('rebalance', 60_000),
            protocolType: command.text('type', 'consumer'),
            protocols: protocolsOf(command.list('protocols')),
            reason: command.optional('reason'),
          }),
          context,
        );
        return;
      case 'sync': {
        const assignments = command.list('assign').map((entry) => {
          const [id = '', assignment = ''] = entry.split(':');
          return newSyncGroupRequestAssignment({ memberId: expandMemberId(id), assignment: Buffer.from(assignment) });
        });
        const [protocolType = null, protocolName = null] = command.text('protocol', 'consumer/range').split('/');
        const identity = { groupId, groupInstanceId, memberId, generationId };
        host.send('syncGroup', newSyncGroupRequest({ ...identity, assignments, protocolType, protocolName }), context);
        return;
      }
      case 'heartbeat':
        host.send('heartbeat', newHeartbeatRequest({ groupId, groupInstanceId, memberId, generationId }), context);
        return;
      case 'leave': {
        const ids = command.list('member').map((id) => newMemberIdentity({ memberId: expandMemberId(id) }));
        const statics = command.list('instance').map((id) => newMemberIdentity({ groupInstanceId: id }));
        const members = [...ids, ...statics];
        host.send('leaveGroup', newLeaveGroupRequest({ groupId, memberId, members }), context);
        return;
      }
      case 'beat':
        host.send('consumerGroupHeartbeat', beatOf(command, groupId), context);
        return;
      case 'describe-consumers':
        host.send('consumerGroupDescribe', newConsumerGroupDescribeRequest({ groupIds: [...command.words] }), context);
        return;
      case 'streams-beat':
        host.send('streamsGroupHeartbeat', streamsBeatOf(command, groupId), context);
        return;
      case 'describe-streams':
        host.send('streamsGroupDescribe', newStreamsGroupDescribeRequest({ groupIds: [...command.words] }), context);
        return;
      default:
        this.#offsetRequest(command, groupId, context);
    }
  }

  #offsetRequest(
    command: Arguments,
    groupId: string,
    context: { apiVersion: number; clientId: string; clientHost: string },
  ): void {
    const host = this.#host;
    const partitions = command.words.slice(1);
    switch (command.verb) {
      case 'commit': {
        const topics = partitions.map((word) => {
          const [, name = '', partition, offset, epoch, metadata] =
            /^(\w+):(\d+)=?(-?\d+)?(?:@(\d+))?(?:\/(.*))?$/.exec(word) ?? [];
          return newOffsetCommitRequestTopic({
            name,
            topicId: topicIdOf(name),
            partitions: [
              newOffsetCommitRequestPartition({
                partitionIndex: Number(partition),
                committedOffset: BigInt(offset ?? 0),
                committedLeaderEpoch: epoch === undefined ? -1 : Number(epoch),
                committedMetadata: metadata ?? command.optional('metadata'),
              }),
            ],
          });
        });
        const request = newOffsetCommitRequest({
          groupId,
          memberId: command.member(),
          groupInstanceId: command.optional('instance'),
          generationIdOrMemberEpoch: command.number('gen', -1),
          retentionTimeMs: BigInt(command.number('retention', -1)),
          topics,
        });
        host.send('offsetCommit', request, context);
        return;
      }
      case 'txn-commit': {
        const topics = partitions.map((word) => {
          const [, name = '', partition, offset] = /^(\w+):(\d+)=(-?\d+)$/.exec(word) ?? [];
          const of = { partitionIndex: Number(partition), committedOffset: BigInt(offset ?? 0) };
          const committedMetadata = command.optional('metadata');
          return { name, partitions: [newTxnOffsetCommitRequestPartition({ ...of, committedMetadata })] };
        });
        const commit = newTxnOffsetCommitRequest({
          transactionalId: 'txn',
          groupId,
          producerId: BigInt(command.number('pid', 0)),
          producerEpoch: command.number('epoch', 0),
          memberId: command.member(),
          groupInstanceId: command.optional('instance'),
          generationId: command.number('gen', -1),
          topics,
        });
        host.send('txnOffsetCommit', { commit, verificationGuard: null }, context);
        return;
      }
      case 'fetch': {
        const asked = partitions.map((word) => {
          const [name = '', indexes = ''] = word.split(':');
          const partitionIndexes = indexes.split('+').map(Number);
          const topicId = command.optional('id') ?? topicIdOf(name);
          return newOffsetFetchRequestTopics({ name, topicId, partitionIndexes });
        });
        const group = newOffsetFetchRequestGroup({ groupId, topics: asked.length === 0 ? null : asked });
        host.send('offsetFetch', { group, requireStable: command.text('stable', 'false') === 'true' }, context);
        return;
      }
      case 'delete-offsets': {
        const topics = partitions.map((word) => {
          const [name = '', indexes = ''] = word.split(':');
          const list = indexes
            .split('+')
            .map((index) => newOffsetDeleteRequestPartition({ partitionIndex: Number(index) }));
          return newOffsetDeleteRequestTopic({ name, partitions: list });
        });
        host.send('offsetDelete', newOffsetDeleteRequest({ groupId, topics }), context);
        return;
      }
      case 'describe':
        host.send('describeGroups', newDescribeGroupsRequest({ groups: [...command.words] }), context);
        return;
      case 'list': {
        const filters = { statesFilter: command.list('states'), typesFilter: command.list('types') };
        host.send('listGroups', newListGroupsRequest(filters), context);
        return;
      }
      case 'delete-groups':
        host.send('deleteGroups', newDeleteGroupsRequest({ groupsNames: [...command.words] }), context);
        return;
      default:
        throw new Error(`unknown command ${command.verb}`);
    }
  }
}

function describeEffects(effects: readonly GroupCoordinatorEffect[]): string[] {
  return effects.map((effect) => {
    if (effect.type === 'append') return describeAppend(effect);
    if (effect.type === 'appendMarker') {
      const { isCommit, producerId } = effect.end;
      return `append to partition ${effect.partition}: ${isCommit ? 'commit' : 'abort'} of producer ${producerId}`;
    }
    if (effect.type === 'load') return `load partition ${effect.partition}`;
    if (effect.type === 'transactionEnded') return `#${effect.token} transaction ended: ${errorName(effect.errorCode)}`;
    if (effect.type === 'respond') return describeResponse(effect);
    return effect.type;
  });
}

/** `t1:3` is a topic with three partitions, `t1:3/r1+r2` one with replicas in two racks, `t1:3#2` one whose id is that of `t1#2`. */
function topicOf(word: string): TestTopic {
  const [, name = '', count, version = '', racks = ''] = /^(\w+):(\d+)(#\d+)?(?:\/(.*))?$/.exec(word) ?? [];
  return {
    id: topicIdOf(name + version),
    name,
    partitionCount: Number(count),
    racks: racks === '' ? [] : racks.split('+'),
  };
}

/** A heartbeat; one that joins says everything, another one what it is told to. */
function beatOf(command: Arguments, groupId: string): ConsumerGroupHeartbeatRequest {
  const memberEpoch = command.number('epoch', 0);
  const isJoining = memberEpoch === 0;
  const topics = command.optional('topics');
  const owned = command.optional('owned');
  const regex = command.optional('regex');
  return newConsumerGroupHeartbeatRequest({
    groupId,
    memberEpoch,
    memberId: command.member(),
    instanceId: command.optional('instance'),
    rackId: command.optional('rack'),
    rebalanceTimeoutMs: command.number('rebalance', isJoining ? 60_000 : -1),
    subscribedTopicNames: topics === null && !(isJoining && regex === null) ? null : command.list('topics'),
    subscribedTopicRegex: regex,
    serverAssignor: command.optional('assignor'),
    topicPartitions: owned === null && !isJoining ? null : command.list('owned').map(ownedOf),
  });
}

function ownedOf(word: string): ConsumerGroupHeartbeatRequestTopicPartitions {
  const [name = '', partitions = ''] = word.split(':');
  const indexes = partitions.split('+').map(Number);
  return newConsumerGroupHeartbeatRequestTopicPartitions({ topicId: topicIdOf(name), partitions: indexes });
}

const latest: Readonly<Record<string, number>> = {
  ...{ join: 9, sync: 5, heartbeat: 4, leave: 5, commit: 10, 'txn-commit': 5, fetch: 10 },
  ...{ beat: 1, 'describe-consumers': 1, describe: 6, list: 5, 'delete-groups': 2 },
};

function configOf(named: ReadonlyMap<string, string>): Partial<GroupCoordinatorConfig> {
  const fields = Object.entries(groupCoordinatorOptions).flatMap(([field, option]): [string, OptionValue][] => {
    const value = named.get(option.name);
    if (value === undefined) return [];
    if (Array.isArray(option.default)) return [[field, value.split(',')]];
    return [[field, typeof option.default === 'number' ? Number(value) : value]];
  });
  return Object.fromEntries(fields) as Partial<GroupCoordinatorConfig>;
}

/** `range:t1+t2` says a consumer's subscription, `range:` an empty one, `range` nothing at all. */
function protocolsOf(words: readonly string[]): JoinGroupRequestProtocol[] {
  return words.map((word) => {
    const [name = '', topics] = word.split(':');
    if (topics === undefined) return newJoinGroupRequestProtocol({ name });
    const writer = new Writer();
    writer.int16(1);
    const subscription = newConsumerProtocolSubscription({ topics: topics === '' ? [] : topics.split('+') });
    encodeConsumerProtocolSubscription(writer, subscription, 1);
    return newJoinGroupRequestProtocol({ name, metadata: writer.toBytes() });
  });
}
