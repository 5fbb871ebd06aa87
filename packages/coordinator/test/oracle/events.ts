/**
 * What came of an input, in a form in which two coordinators can be compared: records and responses as text, in an order of their own.
 *
 * Members, topics and groups are sorted: the JVM keeps them in hash maps.
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { ApiKey, apiCodecs, ErrorCode, errorName, newOffsetFetchResponse, Reader, Writer } from '@skarab/protocol';
import { readAssignment } from '../../src/group/consumer/embedded-protocol.ts';
import { groupRecordSerde } from '../../src/group/records/group-record-serde.ts';
import type { GroupCoordinatorEffect, GroupRequestKind } from '../../src/index.ts';

/** API and version at which the responses of a kind are compared. */
const forms: Readonly<Record<GroupRequestKind, readonly [apiKey: ApiKey, version: number]>> = {
  joinGroup: [ApiKey.JOIN_GROUP, 9],
  syncGroup: [ApiKey.SYNC_GROUP, 5],
  heartbeat: [ApiKey.HEARTBEAT, 4],
  leaveGroup: [ApiKey.LEAVE_GROUP, 5],
  offsetCommit: [ApiKey.OFFSET_COMMIT, 9],
  txnOffsetCommit: [ApiKey.TXN_OFFSET_COMMIT, 5],
  offsetFetch: [ApiKey.OFFSET_FETCH, 9],
  offsetDelete: [ApiKey.OFFSET_DELETE, 0],
  describeGroups: [ApiKey.DESCRIBE_GROUPS, 6],
  listGroups: [ApiKey.LIST_GROUPS, 5],
  deleteGroups: [ApiKey.DELETE_GROUPS, 2],
  consumerGroupHeartbeat: [ApiKey.CONSUMER_GROUP_HEARTBEAT, 1],
  shareGroupHeartbeat: [ApiKey.SHARE_GROUP_HEARTBEAT, 1],
  shareGroupDescribe: [ApiKey.SHARE_GROUP_DESCRIBE, 1],
  consumerGroupDescribe: [ApiKey.CONSUMER_GROUP_DESCRIBE, 1],
  streamsGroupHeartbeat: [ApiKey.STREAMS_GROUP_HEARTBEAT, 0],
  streamsGroupDescribe: [ApiKey.STREAMS_GROUP_DESCRIBE, 0],
};

const sortedLists: ReadonlySet<string> = new Set([
  ...['members', 'topics', 'partitions', 'groups', 'results'],
  ...['topicPartitions', 'subscribedTopicNames', 'assignedPartitions', 'partitionsPendingRevocation'],
  // An immutable map of Java's is gone through in another order in each run.
  ...['activePartitions', 'standbyPartitions'],
]);

/** Partitions with their epochs, which stand beside them in a list of their own. */
function withPairedEpochs(value: object): object {
  if (!('assignmentEpochs' in value && 'partitions' in value)) return value;
  const { assignmentEpochs, partitions, ...rest } = value as {
    assignmentEpochs: number[] | null;
    partitions: number[];
  };
  return { ...rest, partitions: partitions.map((partition, index) => `${partition}@${assignmentEpochs?.[index]}`) };
}

/** Any value as text, with lists whose order means nothing sorted. */
function textOf(value: unknown, name = ''): string {
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) {
    const items = value.map((item) => textOf(item));
    // After a failed write the JVM shows members that are in its table and in its history twice.
    const listed = name === 'members' ? [...new Set(items)] : items;
    if (sortedLists.has(name)) listed.sort();
    return `[${listed.join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(withPairedEpochs(value)).map(([field, item]) => `${field}: ${textOf(item, field)}`);
    return `{ ${fields.sort().join(', ')} }`;
  }
  return String(value);
}

function recordText(key: Uint8Array, value: Uint8Array | null): string {
  return `append ${textOf(groupRecordSerde.decode(key, value))}`;
}

/** A consumer's assignment as what it says: the order of its topics means nothing either. */
function withReadAssignment(response: object): object {
  if (!('assignment' in response && response.assignment instanceof Uint8Array)) return response;
  return { ...response, assignment: readAssignment(response.assignment) ?? response.assignment };
}

function responseText(token: number, kind: GroupRequestKind, bytes: Uint8Array): string {
  const [apiKey, version] = forms[kind];
  const response = apiCodecs.get(apiKey)!.response.decode(new Reader(bytes), version);
  const text = textOf(withReadAssignment(response));
  // Since when the sizes of internal topics are shown is where ours differs on purpose.
  const sizes = /(?<=name: \w+, )partitions: \d+/g;
  return `respond #${token} ${kind} ${kind === 'streamsGroupDescribe' ? text.replace(sizes, 'partitions') : text}`;
}

/** A parked request whose place is taken by a later one: the JVM leaves it without an answer. */
const abandonedErrors: readonly number[] = [ErrorCode.REBALANCE_IN_PROGRESS, ErrorCode.UNKNOWN_MEMBER_ID];

function isAbandoned(effect: GroupCoordinatorEffect, answered: ReadonlySet<number>): boolean {
  if (effect.type !== 'respond' || answered.has(effect.token)) return false;
  const isParkable = effect.kind === 'joinGroup' || effect.kind === 'syncGroup';
  return isParkable && abandonedErrors.includes(effect.response.errorCode);
}

/** The events of our effects; `answered` are the tokens of the requests that the oracle answers at all. */
export function eventsOf(effects: readonly GroupCoordinatorEffect[], answered: ReadonlySet<number>): string[] {
  const events = effects.flatMap((effect) => {
    if (effect.type === 'load' || isAbandoned(effect, answered)) return [];
    if (effect.type === 'appendMarker') return [`marker ${effect.end.producerId} ${effect.end.isCommit}`];
    if (effect.type === 'transactionEnded') return [`ended ${effect.token} ${errorName(effect.errorCode)}`];
    if (effect.type === 'initializeShareStates' || effect.type === 'shareStates') return [];
    if (effect.type === 'append') return effect.records.map(({ key, value }) => recordText(key!, value));
    const { token, kind, response } = effect;
    const [apiKey, version] = forms[kind];
    const writer = new Writer();
    const message =
      kind === 'offsetFetch'
        ? newOffsetFetchResponse({ groups: [effect.response] })
        : kind === 'streamsGroupHeartbeat'
          ? effect.response.response
          : response;
    apiCodecs.get(apiKey)!.response.encode(writer, message, version);
    return [responseText(token, kind, writer.toBytes())];
  });
  return events.sort();
}

/** The events of one answer of the oracle. */
export function eventsOfOracle(lines: readonly string[], kindOf: (token: number) => GroupRequestKind): string[] {
  const events = lines.map((line) => {
    const [what, first = '', second = ''] = line.split(' ');
    if (what === 'append') {
      const value = second === '-' ? null : bytes(second);
      checkBytes(bytes(first), value);
      return recordText(bytes(first), value);
    }
    if (what === 'respond') return responseText(Number(first), kindOf(Number(first)), bytes(second));
    return line;
  });
  return events.sort();
}

/** Fails unless a record of the JVM's is written by us as it was by the JVM. */
function checkBytes(key: Uint8Array, value: Uint8Array | null): void {
  const record = groupRecordSerde.decode(key, value);
  assert(typeof record !== 'number');
  const encoded = groupRecordSerde.encode(record);
  assert.deepEqual([Buffer.from(encoded.key), encoded.value && Buffer.from(encoded.value)], [key, value]);
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'hex');
}
