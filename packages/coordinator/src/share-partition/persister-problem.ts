/**
 * What an error of the share coordinator means to a member of the group.
 *
 * Source: SharePartition.fetchPersisterError.
 */
import { ErrorCode } from '@skarab/protocol';
import type { ShareProblem } from './share-problem.ts';

/** The problem as members are told it. */
export function persisterProblem({ error, message }: ShareProblem): ShareProblem {
  switch (error) {
    case ErrorCode.NOT_COORDINATOR:
    case ErrorCode.COORDINATOR_NOT_AVAILABLE:
    case ErrorCode.COORDINATOR_LOAD_IN_PROGRESS:
      return { error: ErrorCode.COORDINATOR_NOT_AVAILABLE, message };
    case ErrorCode.GROUP_ID_NOT_FOUND:
    case ErrorCode.UNKNOWN_TOPIC_OR_PARTITION:
      return { error, message };
    case ErrorCode.FENCED_LEADER_EPOCH:
    case ErrorCode.FENCED_STATE_EPOCH:
      return { error: ErrorCode.NOT_LEADER_OR_FOLLOWER, message };
    default:
      return { error: ErrorCode.UNKNOWN_SERVER_ERROR, message };
  }
}
