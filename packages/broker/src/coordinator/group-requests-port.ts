/**
 * How handlers reach the group coordinator: one call per request kind, answered when the coordinator responds.
 */
import type { GroupRequest, GroupRequestKind, GroupResponse, StatesToDelete } from '@skarab/coordinator';
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
  /** What must be deleted at the share coordinator before a group can be deleted. */
  beginShareGroupDeletion(groupId: string): Promise<StatesToDelete>;
}
