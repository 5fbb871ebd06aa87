/**
 * DescribeLogDirs (35), versions 1-5: sizes of the replicas in every log directory (KIP-113).
 *
 * v2 flexible; v3 top-level error; v4 KIP-827 total and usable bytes; v5 KIP-1066 cordoned directories. ACLs: DESCRIBE on the cluster.
 */

import type { LogManager, PartitionLog } from '@skarab/log';
import {
  ApiKey,
  type DescribeLogDirsRequest,
  type DescribeLogDirsResponse,
  type DescribeLogDirsResult,
  decodeDescribeLogDirsRequest,
  ErrorCode,
  encodeDescribeLogDirsResponse,
  newDescribeLogDirsResponse,
  newDescribeLogDirsResult,
} from '@skarab/protocol';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';

/** What the handler works with. */
export interface DescribeLogDirsParts {
  readonly logs: LogManager;
  readonly replicas: ReplicaSet;
  /** Whether a directory takes no new replicas. */
  readonly isCordoned: (directory: string) => boolean;
}

type Wanted = (topic: string, partition: number) => boolean;

export function describeLogDirsHandler(
  parts: DescribeLogDirsParts,
): ApiHandler<DescribeLogDirsRequest, DescribeLogDirsResponse> {
  return {
    apiKey: ApiKey.DESCRIBE_LOG_DIRS,
    decode: decodeDescribeLogDirsRequest,
    encode: encodeDescribeLogDirsResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('DESCRIBE'))
        return newDescribeLogDirsResponse({ errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED });
      const wanted = wantedOf(request);
      return newDescribeLogDirsResponse({
        results: parts.logs.directories().map(({ path }) => describe(parts, path, wanted)),
      });
    },
    failure: (_request, errorCode) => newDescribeLogDirsResponse({ errorCode }),
  };
}

function wantedOf(request: DescribeLogDirsRequest): Wanted {
  if (request.topics === null) return () => true;
  const names = new Set(
    request.topics.flatMap(({ topic, partitions }) => partitions.map((partition) => `${topic}\u0000${partition}`)),
  );
  return (topic, partition) => names.has(`${topic}\u0000${partition}`);
}

function describe(
  { logs, replicas, isCordoned }: DescribeLogDirsParts,
  directory: string,
  wanted: Wanted,
): DescribeLogDirsResult {
  if (!logs.isOnline(directory))
    return newDescribeLogDirsResult({ errorCode: ErrorCode.KAFKA_STORAGE_ERROR, logDir: directory });
  const result = newDescribeLogDirsResult({ logDir: directory, isCordoned: isCordoned(directory) });
  const { totalBytes, usableBytes } = logs.space(directory);
  result.totalBytes = BigInt(totalBytes);
  result.usableBytes = BigInt(usableBytes);
  const topics = new Map<string, DescribeLogDirsResult['topics'][number]>();
  for (const log of logs.logsIn(directory)) {
    const { topic, partition } = log.topicPartition;
    if (!wanted(topic, partition)) continue;
    let entry = topics.get(topic);
    if (entry === undefined) {
      entry = { name: topic, partitions: [] };
      topics.set(topic, entry);
    }
    entry.partitions.push({
      partitionIndex: partition,
      partitionSize: BigInt(log.size),
      offsetLag: BigInt(lagOf(log, replicas)),
      isFutureKey: log.isFuture,
    });
  }
  result.topics = [...topics.values()];
  return result;
}

/** How far a log is behind: a future one behind the current one, the current one behind its high watermark. */
function lagOf(log: PartitionLog, replicas: ReplicaSet): number {
  const { topic, partition } = log.topicPartition;
  const current = replicas.get(topic, partition)?.log;
  if (current === undefined) return -1;
  return log.isFuture ? current.logEndOffset - log.logEndOffset : Math.max(current.highWatermark - log.logEndOffset, 0);
}
