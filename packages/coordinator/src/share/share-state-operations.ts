/**
 * What each kind of request does about one partition, and how it refuses.
 */
import {
  type ErrorCode,
  newDeleteShareGroupStateResponsePartitionResult,
  newInitializeShareGroupStateResponsePartitionResult,
  newReadShareGroupStateResponsePartitionResult,
  newReadShareGroupStateSummaryResponsePartitionResult,
  newWriteShareGroupStateResponsePartitionResult,
} from '@skarab/protocol';
import type { Decision } from '../runtime/decision.ts';
import { deleteState } from './deciders/delete-state.ts';
import { initializeState } from './deciders/initialize-state.ts';
import { readState, readStateSummary } from './deciders/read-state.ts';
import type { StateResult } from './deciders/state-result.ts';
import { writeState } from './deciders/write-state.ts';
import { shareErrorText } from './error-texts.ts';
import type { ShareRecord } from './records/share-record.ts';
import type {
  SharePartitionRequest,
  SharePartitionResult,
  ShareStateRequest,
  ShareStateRequestKind,
  ShareStateResponse,
} from './share-coordinator-requests.ts';
import type { SharePartitionKey } from './share-partition-key.ts';
import type { ShareStateShard } from './share-state-shard.ts';

/** One kind's decider for one partition, and its results. */
export interface ShareStateOperation<K extends ShareStateRequestKind> {
  /** What could not be done, when it could not. */
  readonly description: string;
  /** Whether topics without partitions are left out; otherwise one of them makes the whole answer empty. */
  readonly skipsEmptyTopics: boolean;
  decide(
    shard: ShareStateShard,
    key: SharePartitionKey,
    data: SharePartitionRequest<K>,
    nowMs: number,
  ): Decision<StateResult, ShareRecord>;
  newResult(fields: StateResult): SharePartitionResult<K>;
}

export const shareStateOperations: { readonly [K in ShareStateRequestKind]: ShareStateOperation<K> } = {
  initialize: {
    description: 'Unable to initialize share group state',
    skipsEmptyTopics: true,
    decide: initializeState,
    newResult: newInitializeShareGroupStateResponsePartitionResult,
  },
  read: {
    description: 'Unable to read share group state',
    skipsEmptyTopics: false,
    decide: readState,
    newResult: newReadShareGroupStateResponsePartitionResult,
  },
  write: {
    description: 'Unable to write share group state',
    skipsEmptyTopics: false,
    decide: writeState,
    newResult: newWriteShareGroupStateResponsePartitionResult,
  },
  delete: {
    description: 'Unable to delete share group state',
    skipsEmptyTopics: false,
    decide: deleteState,
    newResult: newDeleteShareGroupStateResponsePartitionResult,
  },
  readSummary: {
    description: 'Unable to read share group state summary',
    skipsEmptyTopics: false,
    decide: readStateSummary,
    newResult: newReadShareGroupStateSummaryResponsePartitionResult,
  },
};

/** The response that refuses every partition of a request with Kafka's text for the error, or with another. */
export function refuseShareStateRequest<K extends ShareStateRequestKind>(
  kind: K,
  request: ShareStateRequest<K>,
  error: ErrorCode,
  text: string = shareErrorText(error),
): ShareStateResponse<K> {
  const { newResult } = shareStateOperations[kind];
  const results = request.topics.map(({ topicId, partitions }) => ({
    topicId,
    partitions: partitions.map(({ partition }) => newResult({ partition, errorCode: error, errorMessage: text })),
  }));
  return { results } as ShareStateResponse<K>;
}
