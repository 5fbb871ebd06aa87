/**
 * Acknowledgements of a request, before and after the share partitions: which are sound, who may give them, what became of them.
 *
 * Source: kafka.server.KafkaApis (validateAcknowledgementBatches, handleAcknowledgements).
 */
import type { AcknowledgementBatch } from '@skarab/coordinator';
import { ErrorCode } from '@skarab/protocol';
import type { SharePartitionManager } from './share-partition-manager.ts';
import { type TopicIdPartition, textOf } from './topic-id-partition.ts';

/** Acknowledgements of one partition as they come. */
export interface PartitionAcknowledgements {
  readonly at: TopicIdPartition;
  readonly batches: readonly {
    readonly firstOffset: bigint;
    readonly lastOffset: bigint;
    readonly acknowledgeTypes: readonly number[];
  }[];
}

/** Who acknowledges, and what is allowed. */
export interface AcknowledgementContext {
  readonly groupId: string;
  readonly memberId: string;
  /** Whether RENEW is a type (KIP-1222), and whether the request says that it has some. */
  readonly supportsRenew: boolean;
  readonly isRenew: boolean;
  readonly mayRead: (topic: string) => boolean;
  readonly exists: (at: TopicIdPartition) => boolean;
}

/** What became of the acknowledgements of one partition. */
export interface AcknowledgementResult {
  readonly at: TopicIdPartition;
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

const RENEW = 4;

/** Gives the acknowledgements to the share partitions; one result for each partition, the last mention of it counts. */
export async function acknowledgeAll(
  manager: SharePartitionManager,
  context: AcknowledgementContext,
  asked: readonly PartitionAcknowledgements[],
): Promise<AcknowledgementResult[]> {
  const failed: AcknowledgementResult[] = [];
  const empty: AcknowledgementResult[] = [];
  const waiting: Promise<AcknowledgementResult>[] = [];
  const last = new Map(asked.map((one) => [textOf(one.at), one]));
  for (const { at, batches } of last.values()) {
    const errorCode = refusalOf(context, at, batches);
    if (errorCode !== ErrorCode.NONE) failed.push({ at, errorCode, errorMessage: null });
    else if (batches.length === 0) empty.push({ at, errorCode, errorMessage: null });
    else waiting.push(acknowledge(manager, context, at, batches));
  }
  // Where nothing is acknowledged at all, partitions without acknowledgements are not mentioned.
  if (waiting.length === 0) return failed;
  return [...(await Promise.all(waiting)), ...failed, ...empty];
}

function refusalOf(
  { supportsRenew, isRenew, mayRead, exists }: AcknowledgementContext,
  at: TopicIdPartition,
  batches: PartitionAcknowledgements['batches'],
): ErrorCode {
  if (at.topic === null) return ErrorCode.UNKNOWN_TOPIC_ID;
  if (!areSound(batches, supportsRenew ? RENEW : RENEW - 1, isRenew)) return ErrorCode.INVALID_REQUEST;
  if (!mayRead(at.topic)) return ErrorCode.TOPIC_AUTHORIZATION_FAILED;
  return exists(at) ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
}

function areSound(batches: PartitionAcknowledgements['batches'], maxType: number, isRenew: boolean): boolean {
  let previousEnd = -1n;
  for (const { firstOffset, lastOffset, acknowledgeTypes } of batches) {
    const count = acknowledgeTypes.length;
    if (firstOffset > lastOffset || firstOffset < previousEnd || count === 0) return false;
    if (count > 1 && lastOffset - firstOffset !== BigInt(count - 1)) return false;
    if (acknowledgeTypes.some((type) => type < 0 || type > maxType || (type === RENEW && !isRenew))) return false;
    previousEnd = lastOffset;
  }
  return true;
}

async function acknowledge(
  manager: SharePartitionManager,
  { groupId, memberId }: AcknowledgementContext,
  at: TopicIdPartition,
  batches: PartitionAcknowledgements['batches'],
): Promise<AcknowledgementResult> {
  const given: AcknowledgementBatch[] = batches.map(({ firstOffset, lastOffset, acknowledgeTypes }) => ({
    firstOffset: Number(firstOffset),
    lastOffset: Number(lastOffset),
    acknowledgeTypes,
  }));
  const problem = await manager.acknowledge(groupId, memberId, at, given);
  return { at, errorCode: problem?.error ?? ErrorCode.NONE, errorMessage: problem?.message ?? null };
}
