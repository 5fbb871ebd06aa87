/**
 * How handlers reach the group coordinator: one call per request kind, answered when the coordinator responds.
 */
import type {
  AlteredOffsets,
  ForgottenTopics,
  GroupRequest,
  GroupRequestKind,
  GroupResponse,
  OffsetsToDelete,
  StatesToDelete,
  StatesToInitialize,
} from '@skarab/coordinator';
import type { AlterShareGroupOffsetsRequest, DeleteShareGroupOffsetsRequest, ErrorCode } from '@skarab/protocol';
import type { RequestContext } from '../dispatch/request-context.ts';

export interface GroupRequestsPort {
  /** Never rejects: a coordinator that is not here answers with NOT_COORDINATOR. */
  send<K extends GroupRequestKind>(
    kind: K,
    context: RequestContext,
    request: GroupRequest<K>,
  ): Promise<GroupResponse<K>>;
  /** The response of a request that the handler refuses itself. */
  refuse<K extends GroupRequestKind>(
    kind: K,
    request: GroupRequest<K>,
    errorCode: number,
    apiVersion: number,
  ): GroupResponse<K>;
  /** The partitions of a share group that have a state. */
  shareGroupStates(groupId: string): Promise<StatesToDelete>;
  /** Sets where a share group begins, but for what the share coordinator does. */
  alterShareOffsets(request: AlterShareGroupOffsetsRequest): Promise<AlteredOffsets>;
  /** Begins to forget where a share group is; the share coordinator must do so next. */
  beginShareOffsetsDeletion(request: DeleteShareGroupOffsetsRequest): Promise<OffsetsToDelete>;
  /** The share coordinator has forgotten topics; NONE, or why the group has not. */
  endShareOffsetsDeletion(forgotten: ForgottenTopics): Promise<ErrorCode>;
  /** The share coordinator has begun states. */
  onShareStatesBegun(states: StatesToInitialize): void;
  /** What must be deleted at the share coordinator before a group can be deleted. */
  beginShareGroupDeletion(groupId: string): Promise<StatesToDelete>;
}
