/**
 * Who leads a partition, for members that asked somebody else (KIP-951).
 */
import { ErrorCode } from '@skarab/protocol';
import type { MetadataCache } from '../metadata/metadata-cache.ts';

/** What a response says of a node. */
interface HintedNode {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
}

/** Fills in the leaders of partitions that are not led here, and adds their nodes to `nodeEndpoints`. */
export function hintLeaders(
  metadata: MetadataCache,
  listenerName: string,
  topics: readonly {
    readonly topicId: string;
    readonly partitions: readonly {
      readonly partitionIndex: number;
      readonly errorCode: number;
      currentLeader: { leaderId: number; leaderEpoch: number };
    }[];
  }[],
  nodeEndpoints: HintedNode[],
): void {
  for (const { topicId, partitions } of topics)
    for (const data of partitions) {
      if (data.errorCode !== ErrorCode.NOT_LEADER_OR_FOLLOWER && data.errorCode !== ErrorCode.FENCED_LEADER_EPOCH)
        continue;
      const known = metadata.topicById(topicId)?.partitions[data.partitionIndex];
      if (known === undefined) continue;
      data.currentLeader = { leaderId: known.leader, leaderEpoch: known.leaderEpoch };
      const node = metadata.endpoint(known.leader, listenerName);
      if (node === undefined || nodeEndpoints.some(({ nodeId }) => nodeId === node.nodeId)) continue;
      nodeEndpoints.push({ nodeId: node.nodeId, host: node.host, port: node.port, rack: node.rack });
    }
}
