/**
 * Records and responses of streams groups in the words of the transcripts.
 */
import { errorName } from '@skarab/protocol';
import type { StreamsGroupRecord } from '../src/group/records/streams-group-records.ts';
import type { GroupResponse } from '../src/index.ts';

interface TaskIds {
  readonly subtopologyId: string;
  readonly partitions: readonly number[];
  readonly assignmentEpochs?: readonly number[] | null;
}

function tasksText(tasks: readonly TaskIds[] | null): string {
  if (tasks === null) return '-';
  const texts = tasks.map(({ subtopologyId, partitions, assignmentEpochs }) => {
    const epochs = assignmentEpochs == null ? '' : `@${assignmentEpochs.join('+')}`;
    return `${subtopologyId}:${partitions.join('+')}${epochs}`;
  });
  return `[${texts.join(' ')}]`;
}

/** A record. */
export function describeStreamsRecord(record: StreamsGroupRecord): string {
  const { groupId } = record.key;
  const who = 'memberId' in record.key ? ` member ${record.key.memberId}` : '';
  const what = `${record.type} ${groupId}${who}`;
  if (record.value === null) return `${what} deleted`;
  switch (record.type) {
    case 'streamsGroupMetadata': {
      const { epoch, metadataHash, validatedTopologyEpoch, lastAssignmentConfigs } = record.value;
      const configs = (lastAssignmentConfigs ?? []).map(({ key, value }) => `${key}=${value}`);
      return `${what} epoch ${epoch} ${metadataHash} validated ${validatedTopologyEpoch} ${configs.join(' ')}`;
    }
    case 'streamsGroupTopology':
      return `${what} epoch ${record.value.epoch} [${record.value.subtopologies.map((it) => it.subtopologyId).join(' ')}]`;
    case 'streamsGroupMemberMetadata': {
      const { clientId, clientHost, rackId, rebalanceTimeoutMs, topologyEpoch, processId, userEndpoint } = record.value;
      const endpoint = userEndpoint === null ? '' : ` at ${userEndpoint.host}:${userEndpoint.port}`;
      const tags = record.value.clientTags.map(({ key, value }) => ` ${key}=${value}`).join('');
      return `${what} of ${clientId}${clientHost} ${rackId} ${rebalanceTimeoutMs} topology ${topologyEpoch} process ${processId}${endpoint}${tags}`;
    }
    case 'streamsGroupTargetAssignmentMetadata':
      return `${what} epoch ${record.value.assignmentEpoch} at ${record.value.assignmentTimestamp}`;
    case 'streamsGroupTargetAssignmentMember': {
      const { activeTasks, standbyTasks, warmupTasks } = record.value;
      return `${what} ${[activeTasks, standbyTasks, warmupTasks].map(tasksText).join(' ')}`;
    }
    case 'streamsGroupCurrentMemberAssignment': {
      const { memberEpoch, previousMemberEpoch, state, activeTasks, standbyTasks, warmupTasks } = record.value;
      const has = [activeTasks, standbyTasks, warmupTasks].map(tasksText).join(' ');
      const { activeTasksPendingRevocation: active, standbyTasksPendingRevocation: standby } = record.value;
      const revoking = [active, standby, record.value.warmupTasksPendingRevocation].map(tasksText).join(' ');
      return `${what} epoch ${previousMemberEpoch}->${memberEpoch} state ${state} ${has} revoking ${revoking}`;
    }
  }
}

/** The answer to a heartbeat, and the topics to create. */
export function streamsBeatText({ response, topicsToCreate }: GroupResponse<'streamsGroupHeartbeat'>): string {
  const { errorCode, errorMessage, memberId, memberEpoch, heartbeatIntervalMs, status } = response;
  if (errorCode !== 0) return `${errorName(errorCode)} '${errorMessage}'`;
  const { activeTasks, standbyTasks, warmupTasks, endpointInformationEpoch, partitionsByUserEndpoint } = response;
  const has = activeTasks === null ? '' : ` has ${[activeTasks, standbyTasks, warmupTasks].map(tasksText).join(' ')}`;
  const head = `${memberId} epoch ${memberEpoch} every ${heartbeatIntervalMs}${has} endpoints ${endpointInformationEpoch}`;
  const topicText = (topics: readonly { topic: string; partitions: number[] }[]): string =>
    topics.map(({ topic, partitions }) => `${topic}:${partitions.join('+')}`).join(' ');
  const endpoints = (partitionsByUserEndpoint ?? []).map(
    ({ userEndpoint, activePartitions, standbyPartitions }) =>
      `${userEndpoint.host}:${userEndpoint.port} [${topicText(activePartitions)}] [${topicText(standbyPartitions)}]`,
  );
  return [
    head,
    ...(status ?? []).map(({ statusCode, statusDetail }) => `status ${statusCode} '${statusDetail}'`),
    ...endpoints,
    ...topicsToCreate.map(
      ({ name, numPartitions, replicationFactor }) => `create ${name}:${numPartitions}/${replicationFactor}`,
    ),
  ].join('\n  ');
}

/** A described group. */
export function describeStreamsGroupText(group: GroupResponse<'streamsGroupDescribe'>['groups'][number]): string {
  if (group.errorCode !== 0) return `${group.groupId} ${errorName(group.errorCode)} '${group.errorMessage}'`;
  const topics = (list: readonly { name: string; partitions: number }[]): string =>
    list.map(({ name, partitions }) => `${name}:${partitions}`).join(' ');
  const subtopologies = (group.topology?.subtopologies ?? []).map(
    (it) =>
      `${it.subtopologyId} reads [${it.sourceTopics}] [${topics(it.repartitionSourceTopics)}] writes [${it.repartitionSinkTopics}] [${topics(it.stateChangelogTopics)}]`,
  );
  const members = group.members.map((it) => {
    const text = ({ activeTasks, standbyTasks, warmupTasks }: typeof it.assignment): string =>
      [activeTasks, standbyTasks, warmupTasks].map(tasksText).join(' ');
    return `${it.memberId} epoch ${it.memberEpoch} topology ${it.topologyEpoch} process ${it.processId} has ${text(it.assignment)} target ${text(it.targetAssignment)}`;
  });
  const head = `${group.groupId} ${group.groupState} epoch ${group.groupEpoch}/${group.assignmentEpoch} topology ${group.topology?.epoch}`;
  return [head, ...subtopologies, ...members].join('\n  ');
}
