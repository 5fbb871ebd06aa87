/**
 * The part of a heartbeat that is about the topology: which one the group has, on which topics, and whether the group epoch grows.
 *
 * Source: GroupMetadataManager (streamsGroupHeartbeat, maybeUpdateTopology, maybeSetTopologyStaleStatus, throwIfRequestContainsInvalidTasks).
 */
import {
  ErrorCode,
  type StreamsGroupHeartbeatRequestTaskIds as OwnedTaskIds,
  type StreamsGroupHeartbeatRequest,
} from '@skarab/protocol';
import { type Refusal, refused } from '../../runtime/decision.ts';
import { METADATA_REFRESH_INTERVAL_MS } from '../consumer/subscription-metadata.ts';
import type { GroupRecord } from '../records/group-record.ts';
import { streamsEpochRecord, streamsTopologyRecord } from '../records/streams-group-records.ts';
import type { ShardParts } from '../shard-parts.ts';
import { type ConfiguredTopology, configureTopology } from './configured-topology.ts';
import { StreamsStatus, type TopologyStatus } from './status.ts';
import type { StreamsGroup } from './streams-group.ts';
import type { StreamsMember } from './streams-member.ts';
import { STANDBY_COUNT } from './target-tasks.ts';
import { isSameTopology, requiredTopics, type Topology, topologyOf, topologyValueOf } from './topology.ts';

/** A heartbeat of a member. */
export interface MemberHeartbeat {
  readonly group: StreamsGroup;
  readonly member: StreamsMember;
  readonly hasChanged: boolean;
  readonly request: StreamsGroupHeartbeatRequest;
}

/** The group after the heartbeat. */
export interface GroupAfter {
  readonly topology: ConfiguredTopology;
  readonly groupEpoch: number;
  readonly standbyCount: number;
}

/** Updates, with the records in `records` and what the member should know in `status`. */
export function updateTopology(
  parts: ShardParts,
  { group, member, hasChanged, request }: MemberHeartbeat,
  records: GroupRecord[],
  status: TopologyStatus[],
  nowMs: number,
): GroupAfter | Refusal {
  const { groupId } = group;
  const known = group.topology.get();
  const topology = chooseTopology(group, known, request, records);
  if ('kind' in topology) return topology;
  if (known !== null && member.topologyEpoch < known.epoch)
    status.push({
      code: StreamsStatus.STALE_TOPOLOGY,
      detail: `The member's topology epoch ${member.topologyEpoch} is behind the group's topology epoch ${known.epoch}.`,
    });
  const before = group.epoch.get();
  const isLookedAt = known === null || group.configured === null || group.hasMetadataExpired(nowMs);
  const metadataHash = isLookedAt ? parts.topics.hashOf(requiredTopics(topology)) : before.metadataHash;
  const isOther = metadataHash !== before.metadataHash;
  const configured =
    known === null || isOther || group.configured === null
      ? configureTopology(topology, parts.topics.image)
      : group.configured;
  if ('kind' in configured) return configured;
  group.configured = configured;
  const isReady = configured.problem === null;
  const invalid = isReady ? refuseUnknownTasks(configured, request) : null;
  if (invalid !== null) return invalid;
  const validatedTopologyEpoch = isReady ? topology.epoch : -1;
  const standbyCount = parts.groupConfigs.streams(groupId).standbyCount;
  const isBumped =
    hasChanged ||
    isOther ||
    validatedTopologyEpoch !== before.validatedTopologyEpoch ||
    before.assignmentConfigs.get(STANDBY_COUNT) !== String(standbyCount);
  if (!isBumped) return { topology: configured, groupEpoch: before.epoch, standbyCount };
  const epoch = before.epoch + 1;
  const assignmentConfigs = new Map([[STANDBY_COUNT, String(standbyCount)]]);
  records.push(streamsEpochRecord(groupId, { epoch, metadataHash, validatedTopologyEpoch, assignmentConfigs }));
  parts.logger.info({ groupId, groupEpoch: epoch, validatedTopologyEpoch }, 'bumped the epoch of the streams group');
  group.setMetadataRefresh(nowMs + METADATA_REFRESH_INTERVAL_MS, epoch);
  return { topology: configured, groupEpoch: epoch, standbyCount };
}

/** The first topology is the group's; others must be the same, or older. */
function chooseTopology(
  { groupId }: StreamsGroup,
  known: Topology | null,
  { topology: sent }: StreamsGroupHeartbeatRequest,
  records: GroupRecord[],
): Topology | Refusal {
  if (sent === null) return known ?? refused(ErrorCode.UNKNOWN_SERVER_ERROR);
  const ids = new Set(sent.subtopologies.map(({ subtopologyId }) => subtopologyId));
  if (sent.epoch < 0 || ids.size < sent.subtopologies.length) return refused(ErrorCode.UNKNOWN_SERVER_ERROR);
  const value = topologyValueOf(sent);
  const fresh = topologyOf(value);
  if (known === null) {
    records.push(streamsTopologyRecord(groupId, value));
    return fresh;
  }
  if (known.epoch > fresh.epoch || isSameTopology(known, fresh)) return known;
  return refused(ErrorCode.INVALID_REQUEST, 'Topology updates are not supported yet.');
}

function refuseUnknownTasks(topology: ConfiguredTopology, request: StreamsGroupHeartbeatRequest): Refusal | null {
  const { activeTasks, standbyTasks, warmupTasks } = request;
  for (const { subtopologyId, partitions } of [activeTasks, standbyTasks, warmupTasks].flatMap(
    (tasks): OwnedTaskIds[] => tasks ?? [],
  )) {
    const count = topology.subtopologies?.get(subtopologyId)?.taskCount;
    if (count === undefined)
      return refused(ErrorCode.INVALID_REQUEST, `Subtopology ${subtopologyId} does not exist in the topology.`);
    const wrong = partitions.find((partition) => partition < 0 || partition >= count);
    if (wrong !== undefined)
      return refused(
        ErrorCode.INVALID_REQUEST,
        `Task ${wrong} for subtopology ${subtopologyId} is invalid. Number of tasks for this subtopology: ${count}`,
      );
  }
  return null;
}
