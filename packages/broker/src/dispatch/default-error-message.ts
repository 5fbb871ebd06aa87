/**
 * What Kafka says when it has nothing more precise to say than an error's code; clients and tools print it.
 *
 * Only the texts that answers of ours carry. Source: org.apache.kafka.common.protocol.Errors.
 */
import { ErrorCode } from '@skarab/protocol';

const TEXTS: Readonly<Record<number, string>> = {
  [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]: 'This server does not host this topic-partition.',
  [ErrorCode.COORDINATOR_NOT_AVAILABLE]: 'The coordinator is not available.',
  [ErrorCode.TOPIC_AUTHORIZATION_FAILED]: 'Topic authorization failed.',
  [ErrorCode.GROUP_AUTHORIZATION_FAILED]: 'Group authorization failed.',
  [ErrorCode.CLUSTER_AUTHORIZATION_FAILED]: 'Cluster authorization failed.',
  [ErrorCode.COORDINATOR_LOAD_IN_PROGRESS]: "The coordinator is loading and hence can't process requests.",
  [ErrorCode.NOT_COORDINATOR]: 'This is not the correct coordinator.',
  [ErrorCode.INVALID_GROUP_ID]: 'The group id is invalid.',
  [ErrorCode.GROUP_ID_NOT_FOUND]: 'The group id does not exist.',
  [ErrorCode.NON_EMPTY_GROUP]: 'The group is not empty.',
  [ErrorCode.UNSUPPORTED_VERSION]: 'The version of API is not supported.',
  [ErrorCode.INVALID_REQUEST]:
    'This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. ' +
    'See the broker logs for more details.',
};

/** The text, or null where there is none here. */
export function defaultErrorMessage(errorCode: number): string | null {
  return TEXTS[errorCode] ?? null;
}
