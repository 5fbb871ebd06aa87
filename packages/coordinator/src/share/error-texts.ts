/**
 * What the share coordinator says about an error: these texts travel in responses.
 *
 * Source: org.apache.kafka.common.protocol.Errors, org.apache.kafka.coordinator.share.ShareCoordinatorShard.
 */
import { ErrorCode, errorName } from '@skarab/protocol';

const texts: Readonly<Record<number, string>> = {
  [ErrorCode.UNKNOWN_SERVER_ERROR]: 'The server experienced an unexpected error when processing the request.',
  [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]: 'This server does not host this topic-partition.',
  [ErrorCode.NOT_LEADER_OR_FOLLOWER]:
    'For requests intended only for the leader, this error indicates that the broker is not the current leader. ' +
    'For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.',
  [ErrorCode.REQUEST_TIMED_OUT]: 'The request timed out.',
  [ErrorCode.MESSAGE_TOO_LARGE]:
    'The request included a message larger than the max message size the server will accept.',
  [ErrorCode.COORDINATOR_LOAD_IN_PROGRESS]: "The coordinator is loading and hence can't process requests.",
  [ErrorCode.COORDINATOR_NOT_AVAILABLE]: 'The coordinator is not available.',
  [ErrorCode.NOT_COORDINATOR]: 'This is not the correct coordinator.',
  [ErrorCode.NOT_ENOUGH_REPLICAS]: 'Messages are rejected since there are fewer in-sync replicas than required.',
  [ErrorCode.CLUSTER_AUTHORIZATION_FAILED]: 'Cluster authorization failed.',
  [ErrorCode.KAFKA_STORAGE_ERROR]: 'Disk error when trying to access log file on the disk.',
  [ErrorCode.FENCED_LEADER_EPOCH]: 'The leader epoch in the request is older than the epoch on the broker.',
  [ErrorCode.FENCED_STATE_EPOCH]:
    'The share coordinator rejected the request because the share-group state epoch did not match.',
};

/** Kafka's text for an error. */
export function shareErrorText(error: ErrorCode): string {
  return texts[error] ?? errorName(error);
}

/** Why a request names nothing that state is kept of. */
export const NEGATIVE_PARTITION = 'The partition id cannot be a negative number.';
export const WRITE_UNINITIALIZED = 'Write operation on uninitialized share partition not allowed.';
export const READ_UNINITIALIZED = 'Read operation on uninitialized share partition not allowed.';
