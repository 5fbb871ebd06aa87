/**
 * The requests that the share coordinator serves, by kind. All have one form: a group, topics, partitions.
 */
import type {
  DeleteShareGroupStateRequest,
  DeleteShareGroupStateResponse,
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse,
  ReadShareGroupStateRequest,
  ReadShareGroupStateResponse,
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse,
  WriteShareGroupStateRequest,
  WriteShareGroupStateResponse,
} from '@skarab/protocol';

/** Request and response of every kind. */
export interface ShareStateRequests {
  initialize: { request: InitializeShareGroupStateRequest; response: InitializeShareGroupStateResponse };
  read: { request: ReadShareGroupStateRequest; response: ReadShareGroupStateResponse };
  write: { request: WriteShareGroupStateRequest; response: WriteShareGroupStateResponse };
  delete: { request: DeleteShareGroupStateRequest; response: DeleteShareGroupStateResponse };
  readSummary: { request: ReadShareGroupStateSummaryRequest; response: ReadShareGroupStateSummaryResponse };
}

/** The name of a request. */
export type ShareStateRequestKind = keyof ShareStateRequests;

/** The request of a kind. */
export type ShareStateRequest<K extends ShareStateRequestKind> = ShareStateRequests[K]['request'];

/** The response of a kind. */
export type ShareStateResponse<K extends ShareStateRequestKind> = ShareStateRequests[K]['response'];

/** What is asked about one partition. */
export type SharePartitionRequest<K extends ShareStateRequestKind> =
  ShareStateRequest<K>['topics'][number]['partitions'][number];

/** What is answered about one partition. */
export type SharePartitionResult<K extends ShareStateRequestKind> =
  ShareStateResponse<K>['results'][number]['partitions'][number];
