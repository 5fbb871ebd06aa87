/**
 * Decides about AssignReplicasToDirs: a broker says in which of its log directories its replicas are.
 *
 * A replica in a directory that is offline is out of sync at once. Source: org.apache.kafka.controller.ReplicationControlManager
 * (handleAssignReplicasToDirs); KIP-858.
 */
import type { Uuid } from '@skarab/base';
import {
  type AssignReplicasToDirsRequest,
  type AssignReplicasToDirsResponse,
  ErrorCode,
  newAssignReplicasToDirsResponse,
} from '@skarab/protocol';
import { isDirectoryAssignmentSupported } from '../feature/metadata-version.ts';
import type { TopicIdPartition } from '../image/topics-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import type { ClusterControl } from './cluster-control.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decide, refuse } from './decision.ts';
import type { Leadership } from './leadership.ts';

/** Decider of replicas' directories. */
export class DirectoryAssignment {
  readonly #state: ControllerState;
  readonly #cluster: ClusterControl;
  readonly #leadership: Leadership;

  constructor(state: ControllerState, cluster: ClusterControl, leadership: Leadership) {
    this.#state = state;
    this.#cluster = cluster;
    this.#leadership = leadership;
  }

  /** Takes over where a broker has its replicas. */
  assign(request: AssignReplicasToDirsRequest): Decision<AssignReplicasToDirsResponse> {
    if (!isDirectoryAssignmentSupported(this.#state.metadataVersion)) {
      return refuse(ErrorCode.UNSUPPORTED_VERSION, 'Directory assignment is not supported yet.');
    }
    const { brokerId, brokerEpoch } = request;
    const stale = this.#cluster.reasonStaleEpoch(brokerId, brokerEpoch);
    if (stale !== null) return { ok: false, error: stale };
    const records: MetadataRecord[] = [];
    const offline: TopicIdPartition[] = [];
    const directories = request.directories.map(({ id, topics }) => {
      const isOffline = !this.#cluster.hasOnlineDirectory(brokerId, id);
      const assignOne = (topicId: Uuid, partition: number): ErrorCode => {
        const error = this.#assignOne(brokerId, id, topicId, partition, records);
        if (error === ErrorCode.NONE && isOffline) offline.push({ topicId, partition });
        return error;
      };
      return {
        id,
        topics: topics.map(({ topicId, partitions }) => ({
          topicId,
          partitions: partitions.map(({ partitionIndex }) => ({
            partitionIndex,
            errorCode: assignOne(topicId, partitionIndex),
          })),
        })),
      };
    });
    records.push(...this.#leadership.shiftRecords(offline, { leaving: brokerId }));
    return decide(records, newAssignReplicasToDirsResponse({ directories }));
  }

  #assignOne(
    brokerId: number,
    directory: Uuid,
    topicId: Uuid,
    partitionId: number,
    records: MetadataRecord[],
  ): ErrorCode {
    const topic = this.#state.image.topics.byId.get(topicId);
    if (topic === undefined) return ErrorCode.UNKNOWN_TOPIC_ID;
    const partition = topic.partitions[partitionId];
    if (partition === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    if (!partition.replicas.includes(brokerId)) return ErrorCode.NOT_LEADER_OR_FOLLOWER;
    const record = this.#leadership.change(topic, partitionId, { directory: { brokerId, id: directory } });
    if (record !== null) records.push(record);
    return ErrorCode.NONE;
  }
}
