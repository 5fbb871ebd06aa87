/**
 * Everything about a request that is not its body: who asks, from where, in which version.
 */
import type { ServerConnection } from '@skarab/network';
import {
  type AclOperation,
  ANONYMOUS,
  type Authorizer,
  CLUSTER_NAME,
  type Principal,
  type ResourceType,
} from '@skarab/security';

export class RequestContext {
  readonly connection: ServerConnection;
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  /** Wall time at which the request began to be handled. */
  readonly nowMs: number;
  readonly #authorizer: Authorizer;

  constructor(
    connection: ServerConnection,
    header: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly correlationId: number;
      readonly clientId: string | null;
    },
    authorizer: Authorizer,
    nowMs: number,
  ) {
    this.connection = connection;
    this.apiKey = header.apiKey;
    this.apiVersion = header.apiVersion;
    this.correlationId = header.correlationId;
    this.clientId = header.clientId;
    this.nowMs = nowMs;
    this.#authorizer = authorizer;
  }

  get principal(): Principal {
    const { authentication } = this.connection;
    return authentication.state === 'authenticated' ? authentication.principal : ANONYMOUS;
  }

  get listenerName(): string {
    return this.connection.listenerName;
  }

  /** Whether the peer may do `operation` to the named resource. */
  mayDo(operation: AclOperation, resourceType: ResourceType, resourceName: string): boolean {
    return this.#authorizer.authorize({
      principal: this.principal,
      host: this.connection.remoteAddress,
      operation,
      resourceType,
      resourceName,
    });
  }

  /** Whether the peer may do `operation` to the cluster. */
  mayDoToCluster(operation: AclOperation): boolean {
    return this.mayDo(operation, 'CLUSTER', CLUSTER_NAME);
  }
}
