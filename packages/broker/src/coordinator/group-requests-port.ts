/**
 * How handlers reach the group coordinator: one call per request kind, answered when the coordinator responds.
 */
import type { GroupRequest, GroupRequestKind, GroupResponse } from '@skarab/coordinator';
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
}
