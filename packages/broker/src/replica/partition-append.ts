/**
 * What appending to a partition comes to, and why a leader refuses to.
 *
 * Source: kafka.cluster.Partition.
 */
import type { AppendOptions } from '@skarab/log';
import { ErrorCode } from '@skarab/protocol';
import type { RecordError } from '@skarab/records';
import type { Leadership } from './leadership.ts';

/** What an append came to. */
export type PartitionAppendResult =
  | {
      readonly errorCode: 0;
      readonly baseOffset: number;
      readonly nextOffset: number;
      readonly logAppendTimeMs: number;
      readonly logStartOffset: number;
    }
  | {
      readonly errorCode: number;
      readonly errorMessage: string | null;
      readonly recordErrors: readonly RecordError[];
      readonly logStartOffset: number;
    };

/** How a batch came here. */
export type AppendSource = 'client' | 'coordinator';

/** What a batch of a transaction brings along. */
export type TransactionalAppend = Pick<AppendOptions, 'verificationGuard' | 'transactionVersion'>;

/** Which partition on which broker, for messages. */
export interface ReplicaName {
  readonly topic: string;
  readonly partition: number;
  readonly nodeId: number;
}

/** Nothing was appended, and nothing looked at. */
export function refusedAppend(errorCode: number, errorMessage: string | null): PartitionAppendResult {
  return { errorCode, errorMessage, recordErrors: [], logStartOffset: -1 };
}

/** Why a batch may not be appended with these `acks`: this broker does not lead, or too few are in sync; undefined when it may. */
export function appendRefusal(
  leadership: Leadership | undefined,
  acks: number,
  minInsyncReplicas: number,
  { topic, partition, nodeId }: ReplicaName,
): PartitionAppendResult | undefined {
  if (leadership === undefined) {
    const errorMessage = `Leader not local for partition ${topic}-${partition} on broker ${nodeId}`;
    return refusedAppend(ErrorCode.NOT_LEADER_OR_FOLLOWER, errorMessage);
  }
  if (acks !== -1 || !leadership.isUnderMinIsr(minInsyncReplicas)) return undefined;
  const { isr } = leadership;
  const errorMessage =
    `The size of the current ISR : ${isr.length} is insufficient to satisfy the min.isr requirement of ` +
    `${leadership.effectiveMinIsr(minInsyncReplicas)} for partition ${topic}-${partition}, ` +
    `live replica(s) broker.id are : Set(${isr.join(', ')})`;
  return refusedAppend(ErrorCode.NOT_ENOUGH_REPLICAS, errorMessage);
}
