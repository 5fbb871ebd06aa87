/**
 * Everything about a request that is not its body: who asks, from where, in which version.
 */
import type { PeerConnection } from '@skarab/network';
import {
  type AclOperation,
  ANONYMOUS,
  type Authorizer,
  CLUSTER_NAME,
  type Principal,
  type ResourceType,
} from '@skarab/security';

/** Who really asks, when another node passes the request on. */
export interface ForwardedPeer {
  readonly principal: Principal;
  readonly host: string;
}

export class RequestContext {
  readonly connection: PeerConnection;
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly correlationId: number;
  readonly clientId: string | null;
  /** Size of the request with its header. */
  readonly frameBytes: number;
  /** Wall time at which the request began to be handled. */
  readonly nowMs: number;
  readonly #authorizer: Authorizer;
  readonly #forwarded: ForwardedPeer | undefined;

  constructor(
    connection: PeerConnection,
    header: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly correlationId: number;
      readonly clientId: string | null;
      readonly frameBytes: number;
    },
    authorizer: Authorizer,
    nowMs: number,
    forwarded?: ForwardedPeer,
  ) {
    this.connection = connection;
    this.apiKey = header.apiKey;
    this.apiVersion = header.apiVersion;
    this.correlationId = header.correlationId;
    this.clientId = header.clientId;
    this.frameBytes = header.frameBytes;
    this.nowMs = nowMs;
    this.#authorizer = authorizer;
    this.#forwarded = forwarded;
  }

  /** The address of who asks, as text. */
  get host(): string {
    return this.#forwarded?.host ?? this.connection.remoteAddress;
  }

  get principal(): Principal {
    if (this.#forwarded !== undefined) return this.#forwarded.principal;
    const { authentication } = this.connection;
    return authentication.state === 'authenticated' ? authentication.principal : ANONYMOUS;
  }

  /** Whether another node passes the request on. */
  get isForwarded(): boolean {
    return this.#forwarded !== undefined;
  }

  get listenerName(): string {
    return this.connection.listenerName;
  }

  /** Whether the peer may do `operation` to the named resource. */
  mayDo(operation: AclOperation, resourceType: ResourceType, resourceName: string): boolean {
    return this.#authorizer.authorize({
      principal: this.principal,
      host: this.host,
      operation,
      resourceType,
      resourceName,
    });
  }

  /** Whether the peer may do `operation` to some resource of the type. */
  mayDoToAny(operation: AclOperation, resourceType: ResourceType): boolean {
    const { principal, host } = this;
    return this.#authorizer.authorizeByResourceType({ principal, host, operation, resourceType });
  }

  /** Whether the peer may do `operation` to the cluster. */
  mayDoToCluster(operation: AclOperation): boolean {
    return this.mayDo(operation, 'CLUSTER', CLUSTER_NAME);
  }
}
