/**
 * AlterReplicaLogDirs (34), versions 1-2: moves replicas of this broker between its log directories (KIP-113).
 *
 * v2 flexible. The move goes on after the answer; DescribeLogDirs shows its progress. ACLs: ALTER on the cluster.
 */
import { StateError } from '@skarab/base';
import type { LogManager } from '@skarab/log';
import {
  type AlterReplicaLogDirsRequest,
  type AlterReplicaLogDirsResponse,
  ApiKey,
  decodeAlterReplicaLogDirsRequest,
  ErrorCode,
  encodeAlterReplicaLogDirsResponse,
  newAlterReplicaLogDirsResponse,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import type { DirectoryMover } from '../replica/directory-mover.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';

/** What the handler works with. */
export interface AlterReplicaLogDirsParts {
  readonly logs: LogManager;
  readonly metadata: MetadataCache;
  readonly replicas: ReplicaSet;
  readonly mover: DirectoryMover;
  readonly isCordoned: (directory: string) => boolean;
}

export function alterReplicaLogDirsHandler(
  parts: AlterReplicaLogDirsParts,
): ApiHandler<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse> {
  return {
    apiKey: ApiKey.ALTER_REPLICA_LOG_DIRS,
    decode: decodeAlterReplicaLogDirsRequest,
    encode: encodeAlterReplicaLogDirsResponse,
    handle: (context, request) => {
      const mayAlter = context.mayDoToCluster('ALTER');
      return answer(request, (path, topic, partition) =>
        mayAlter ? move(parts, path, topic, partition) : ErrorCode.CLUSTER_AUTHORIZATION_FAILED,
      );
    },
    failure: (request, errorCode) => answer(request, () => errorCode),
  };
}

function answer(
  request: AlterReplicaLogDirsRequest,
  outcomeOf: (path: string, topic: string, partition: number) => number,
): AlterReplicaLogDirsResponse {
  const results = new Map<string, { partitionIndex: number; errorCode: number }[]>();
  for (const { path, topics } of request.dirs) {
    for (const { name, partitions } of topics) {
      const outcomes = results.get(name) ?? [];
      for (const partitionIndex of partitions)
        outcomes.push({ partitionIndex, errorCode: outcomeOf(path, name, partitionIndex) });
      results.set(name, outcomes);
    }
  }
  return newAlterReplicaLogDirsResponse({
    results: [...results].map(([topicName, partitions]) => ({ topicName, partitions })),
  });
}

function move(
  { logs, metadata, replicas, mover, isCordoned }: AlterReplicaLogDirsParts,
  path: string,
  topic: string,
  index: number,
): number {
  const known = logs.directories().some((directory) => directory.path === path);
  if (!known) return ErrorCode.LOG_DIR_NOT_FOUND;
  if (!logs.isOnline(path)) return ErrorCode.KAFKA_STORAGE_ERROR;
  if (isCordoned(path)) return ErrorCode.INVALID_REPLICA_ASSIGNMENT;
  const partition = replicas.get(topic, index);
  if (partition === undefined) {
    const isKnown = metadata.topic(topic)?.partitions[index] !== undefined;
    return isKnown ? ErrorCode.REPLICA_NOT_AVAILABLE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
  }
  if (partition.isOffline) return ErrorCode.KAFKA_STORAGE_ERROR;
  try {
    mover.move(partition, path);
    return ErrorCode.NONE;
  } catch (error) {
    if (error instanceof StateError) return ErrorCode.LOG_DIR_NOT_FOUND;
    throw error;
  }
}
