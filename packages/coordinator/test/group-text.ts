/**
 * Effects of the group coordinator in the words of the transcripts.
 */
import { Buffer } from 'node:buffer';
import { ZERO_UUID } from '@skarab/base';
import { errorName } from '@skarab/protocol';
import type { SimpleRecord } from '@skarab/records';
import type { ConsumerGroupRecord } from '../src/group/records/consumer-group-records.ts';
import type { GroupRecord } from '../src/group/records/group-record.ts';
import { groupRecordSerde } from '../src/group/records/group-record-serde.ts';
import type { ShareGroupRecord } from '../src/group/records/share-group-records.ts';
import { isStreamsGroupRecord } from '../src/group/records/streams-group-records.ts';
import type { AppendEffect, GroupResponse, RespondEffect } from '../src/index.ts';
import { topicIdOf } from './group-script.ts';
import { describeStreamsGroupText, describeStreamsRecord, streamsBeatText } from './streams-text.ts';

/** `c~3` as the member id with the third generated uuid. */
export function expandMemberId(text: string): string {
  return text.replace(/~(\d+)$/, (_all, number: string) => `-00000000-0000-4000-8000-${number.padStart(12, '0')}`);
}

/** Member ids in `text` shortened to `c~3`. */
function shorten(text: string): string {
  return text.replace(/-00000000-0000-4000-8000-0*(\d+)/g, '~$1');
}

/** An append, record by record. */
export function describeAppend({ baseOffset, records }: AppendEffect): string {
  return records.map((record, index) => `append ${baseOffset + index}: ${describeRecord(record)}`).join('\n');
}

function isShareGroupRecord(record: GroupRecord): record is ShareGroupRecord {
  return record.type.startsWith('shareGroup');
}

function describeRecord({ key, value }: SimpleRecord): string {
  const record = groupRecordSerde.decode(key!, value);
  if (typeof record === 'number') return 'other record';
  if (isShareGroupRecord(record))
    return JSON.stringify(record, (_, field) => (typeof field === 'bigint' ? String(field) : field));
  if (isStreamsGroupRecord(record)) return describeStreamsRecord(record);
  if (record.type !== 'offsetCommit' && record.type !== 'groupMetadata') return shorten(describeConsumerRecord(record));
  const version = value === null ? '' : ` v${record.valueVersion}`;
  if (record.type === 'offsetCommit') {
    const { group, topic, partition } = record.key;
    const where = `offset ${group} ${topic}:${partition}`;
    if (record.value === null) return `${where} deleted`;
    const { offset, leaderEpoch, metadata, expireTimestamp, topicId } = record.value;
    const parts = [`${where} = ${offset}`];
    if (leaderEpoch !== -1) parts.push(`epoch ${leaderEpoch}`);
    if (metadata !== '') parts.push(`metadata ${metadata}`);
    if (expireTimestamp !== -1n) parts.push(`expires ${expireTimestamp}`);
    if (topicId !== ZERO_UUID) parts.push(`id ${topicId === topicIdOf(topic) ? 'of topic' : topicId}`);
    return parts.join(' ') + version;
  }
  const { group } = record.key;
  if (record.value === null) return `group ${group} deleted`;
  const { generation, protocolType, protocol, leader, members, currentStateTimestamp } = record.value;
  const people = members.map((member) => {
    const instance = member.groupInstanceId === null ? '' : `/${member.groupInstanceId}`;
    const timeouts = `${member.sessionTimeout}/${member.rebalanceTimeout}`;
    return `\n  ${member.memberId}${instance} of ${member.clientId}${member.clientHost} ${timeouts} assigned '${Buffer.from(member.assignment)}'`;
  });
  const head = `group ${group} generation ${generation} ${protocolType}/${protocol} leader ${leader} since ${currentStateTimestamp}`;
  return shorten(`${head}${version}${people.join('')}`);
}

/** A response, on as many lines as it takes. */
export function describeResponse(effect: RespondEffect): string {
  return shorten(`#${effect.token} ${effect.kind}: ${textOf(effect)}`);
}

function textOf(effect: RespondEffect): string {
  switch (effect.kind) {
    case 'joinGroup':
      return joinText(effect.response);
    case 'syncGroup': {
      const { errorCode, protocolType, protocolName, assignment } = effect.response;
      return `${errorName(errorCode)} ${protocolType}/${protocolName} '${Buffer.from(assignment)}'`;
    }
    case 'shareGroupHeartbeat':
    case 'shareGroupDescribe':
      return JSON.stringify(effect.response);
    case 'heartbeat':
      return errorName(effect.response.errorCode);
    case 'leaveGroup': {
      const { errorCode, members } = effect.response;
      const each = members.map((it) => `${it.memberId}/${it.groupInstanceId} ${errorName(it.errorCode)}`);
      return [errorName(errorCode), ...each].join('\n  ');
    }
    case 'offsetCommit':
    case 'txnOffsetCommit':
    case 'offsetDelete': {
      const lines = effect.response.topics.flatMap(({ name, partitions }) =>
        partitions.map(({ partitionIndex, errorCode }) => `${name}:${partitionIndex} ${errorName(errorCode)}`),
      );
      const top = 'errorCode' in effect.response ? [errorName(effect.response.errorCode)] : [''];
      return [...top, ...lines].join('\n  ');
    }
    case 'offsetFetch':
      return fetchText(effect.response);
    case 'describeGroups':
      return effect.response.groups.map(describeGroupText).join('\n');
    case 'listGroups': {
      const lines = effect.response.groups.map(
        ({ groupId, protocolType, groupState, groupType }) => `${groupId} ${groupType} '${protocolType}' ${groupState}`,
      );
      return [errorName(effect.response.errorCode), ...lines].join('\n  ');
    }
    case 'consumerGroupHeartbeat':
      return beatText(effect.response);
    case 'consumerGroupDescribe':
      return effect.response.groups.map(describeConsumerGroupText).join('\n');
    case 'streamsGroupHeartbeat':
      return streamsBeatText(effect.response);
    case 'streamsGroupDescribe':
      return effect.response.groups.map(describeStreamsGroupText).join('\n');
    case 'deleteGroups':
      return effect.response.results.map((it) => `${it.groupId} ${errorName(it.errorCode)}`).join(', ');
  }
}

function joinText(response: GroupResponse<'joinGroup'>): string {
  const { errorCode, generationId, protocolType, protocolName, leader, memberId, members, skipAssignment } = response;
  const parts = [errorName(errorCode), `member '${memberId}'`];
  if (generationId !== -1) parts.push(`generation ${generationId} ${protocolType}/${protocolName} leader ${leader}`);
  if (skipAssignment) parts.push('skip assignment');
  const people = members.map((it) => `\n  ${it.memberId}/${it.groupInstanceId} says ${it.metadata.length} bytes`);
  return `${parts.join(' ')}${people.join('')}`;
}

function fetchText({ errorCode, groupId, topics }: GroupResponse<'offsetFetch'>): string {
  const lines = topics.flatMap(({ name, partitions }) =>
    partitions.map((it) => {
      const error = it.errorCode === 0 ? '' : ` ${errorName(it.errorCode)}`;
      return `${name}:${it.partitionIndex} = ${it.committedOffset} epoch ${it.committedLeaderEpoch} '${it.metadata}'${error}`;
    }),
  );
  return [`${errorName(errorCode)} ${groupId}`, ...lines].join('\n  ');
}

function describeGroupText(group: GroupResponse<'describeGroups'>['groups'][number]): string {
  const error = group.errorCode === 0 ? '' : ` ${errorName(group.errorCode)} '${group.errorMessage}'`;
  const head = `${group.groupId} ${group.groupState} '${group.protocolType}'/'${group.protocolData}'${error}`;
  const people = group.members.map(
    (it) =>
      `${it.memberId}/${it.groupInstanceId} ${it.clientId}${it.clientHost} says ${it.memberMetadata.length} bytes, assigned '${Buffer.from(it.memberAssignment)}'`,
  );
  return [head, ...people].join('\n  ');
}

/** Partitions of a topic, named when it is one of the transcripts'. */
function partitionsText({ topicId, partitions }: { topicId: string; partitions: readonly number[] }): string {
  const name = ['t1', 't2', 't3', 'x1'].find((topic) => topicIdOf(topic) === topicId) ?? topicId;
  return `${name}:${partitions.join('+')}`;
}

function describeConsumerRecord(record: ConsumerGroupRecord): string {
  const { groupId } = record.key;
  const who = 'memberId' in record.key ? ` member ${record.key.memberId}` : '';
  const what = `${record.type} ${groupId}${who}`;
  switch (record.type) {
    case 'consumerGroupMetadata':
      return record.value === null
        ? `${what} deleted`
        : `${what} epoch ${record.value.epoch} ${record.value.metadataHash}`;
    case 'consumerGroupMemberMetadata': {
      if (record.value === null) return `${what} deleted`;
      const { clientId, clientHost, subscribedTopicNames, subscribedTopicRegex, rebalanceTimeoutMs } = record.value;
      const { instanceId, rackId, serverAssignor, classicMemberMetadata } = record.value;
      const classic = classicMemberMetadata;
      const names = classic?.supportedProtocols.map(({ name }) => name).join('+');
      const extra = classic === null ? '' : ` classic ${classic.sessionTimeoutMs} ${names}`;
      return `${what} of ${clientId}${clientHost} ${instanceId}/${rackId}/${serverAssignor} ${rebalanceTimeoutMs} topics [${subscribedTopicNames}] regex '${subscribedTopicRegex}'${extra}`;
    }
    case 'consumerGroupTargetAssignmentMetadata':
      return record.value === null
        ? `${what} deleted`
        : `${what} epoch ${record.value.assignmentEpoch} at ${record.value.assignmentTimestamp}`;
    case 'consumerGroupTargetAssignmentMember':
      return record.value === null
        ? `${what} deleted`
        : `${what} [${record.value.topicPartitions.map(partitionsText).join(' ')}]`;
    case 'consumerGroupCurrentMemberAssignment': {
      if (record.value === null) return `${what} deleted`;
      const { memberEpoch, previousMemberEpoch, state, assignedPartitions, partitionsPendingRevocation } = record.value;
      const withEpochs = (topic: (typeof assignedPartitions)[number]): string =>
        `${partitionsText(topic)}@${topic.assignmentEpochs?.join('+')}`;
      const pending = partitionsPendingRevocation.map(withEpochs).join(' ');
      return `${what} epoch ${previousMemberEpoch}->${memberEpoch} state ${state} [${assignedPartitions.map(withEpochs).join(' ')}] revoking [${pending}]`;
    }
    case 'consumerGroupRegularExpression':
      return record.value === null
        ? `${what} '${record.key.regularExpression}' deleted`
        : `${what} '${record.key.regularExpression}' [${record.value.topics}] version ${record.value.version} at ${record.value.timestamp}`;
    case 'consumerGroupPartitionMetadata':
      return `${what} deleted`;
  }
}

function beatText(response: GroupResponse<'consumerGroupHeartbeat'>): string {
  const { errorCode, errorMessage, memberId, memberEpoch, heartbeatIntervalMs, assignment } = response;
  if (errorCode !== 0) return `${errorName(errorCode)} '${errorMessage}'`;
  const given = assignment === null ? '' : ` has [${assignment.topicPartitions.map(partitionsText).join(' ')}]`;
  return `${memberId} epoch ${memberEpoch} every ${heartbeatIntervalMs}${given}`;
}

function describeConsumerGroupText(group: GroupResponse<'consumerGroupDescribe'>['groups'][number]): string {
  if (group.errorCode !== 0) return `${group.groupId} ${errorName(group.errorCode)} '${group.errorMessage}'`;
  const head = `${group.groupId} ${group.groupState} epoch ${group.groupEpoch}/${group.assignmentEpoch} ${group.assignorName}`;
  const people = group.members.map((it) => {
    const assigned = it.assignment.topicPartitions.map(partitionsText).join(' ');
    const target = it.targetAssignment.topicPartitions.map(partitionsText).join(' ');
    return `${it.memberId}/${it.instanceId} type ${it.memberType} epoch ${it.memberEpoch} [${it.subscribedTopicNames}] '${it.subscribedTopicRegex}' has [${assigned}] target [${target}]`;
  });
  return [head, ...people].join('\n  ');
}
