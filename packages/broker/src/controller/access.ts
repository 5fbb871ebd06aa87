/**
 * What the peer of a request may do, in the form in which the controller asks for it.
 */
import {
  type AlterConfigsAccess,
  ConfigResourceType,
  type ControllerRequestContext,
  type CreateTopicsAccess,
  type DeleteTopicsAccess,
} from '@skarab/metadata';
import { ErrorCode } from '@skarab/protocol';
import type { RequestContext } from '../dispatch/request-context.ts';

/** The facts of a request for the controller. */
export function controllerContext(context: RequestContext): ControllerRequestContext {
  const { apiVersion, principal, host, clientId } = context;
  return { requestVersion: apiVersion, origin: { principal, host, clientId } };
}

/**
 * Whether delegation tokens may be asked for: not over a plaintext connection, which all are here, but for the requests of others that a
 * node passes on; and not by who was authenticated by a token. Source: kafka.server.ControllerApis.allowTokenRequests.
 */
export function mayAskForTokens({ isForwarded, principal }: RequestContext): boolean {
  return isForwarded && principal.isTokenAuthenticated !== true;
}

/** Access to topics and configurations by the authorizer's word. */
export function accessOf(context: RequestContext): CreateTopicsAccess & DeleteTopicsAccess & AlterConfigsAccess {
  const mayCreateAll = context.mayDoToCluster('CREATE');
  return {
    mayCreate: (topic) => mayCreateAll || context.mayDo('CREATE', 'TOPIC', topic),
    mayDescribeConfigs: (topic) => context.mayDo('DESCRIBE_CONFIGS', 'TOPIC', topic),
    mayDelete: (topic) => context.mayDo('DELETE', 'TOPIC', topic),
    mayDescribe: (topic) => context.mayDo('DESCRIBE', 'TOPIC', topic),
    reasonForbidden: (resource) => {
      if (resource.type === ConfigResourceType.TOPIC) {
        return context.mayDo('ALTER_CONFIGS', 'TOPIC', resource.name)
          ? null
          : { code: ErrorCode.TOPIC_AUTHORIZATION_FAILED, message: null };
      }
      if (resource.type === ConfigResourceType.GROUP) {
        return context.mayDo('ALTER_CONFIGS', 'GROUP', resource.name)
          ? null
          : { code: ErrorCode.GROUP_AUTHORIZATION_FAILED, message: null };
      }
      return context.mayDoToCluster('ALTER_CONFIGS')
        ? null
        : { code: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, message: null };
    },
    forwarded: true,
  };
}
