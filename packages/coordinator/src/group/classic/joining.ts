/** A JoinGroup that is being decided. */
import type { JoinGroupRequest, JoinGroupResponse } from '@skarab/protocol';
import type { GroupRequestContext } from '../group-requests.ts';
import type { Reply } from '../reply.ts';

/** One JoinGroup on its way through the decider. */
export interface Joining {
  readonly context: GroupRequestContext;
  readonly request: JoinGroupRequest;
  readonly reply: Reply<JoinGroupResponse>;
  readonly nowMs: number;
}

/** What the client gave as its reason, in Kafka's words when it gave none. */
export function joinReason(request: JoinGroupRequest): string {
  return request.reason === null || request.reason === '' ? 'not provided' : request.reason;
}
