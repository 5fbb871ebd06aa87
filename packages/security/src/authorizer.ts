/**
 * The authorizer port: every handler asks it before it acts. Source: org.apache.kafka.server.authorizer.Authorizer (KIP-504).
 */
import type { Principal } from './principal.ts';

/** What can be done. */
export type AclOperation =
  | 'READ'
  | 'WRITE'
  | 'CREATE'
  | 'DELETE'
  | 'ALTER'
  | 'DESCRIBE'
  | 'CLUSTER_ACTION'
  | 'DESCRIBE_CONFIGS'
  | 'ALTER_CONFIGS'
  | 'IDEMPOTENT_WRITE'
  | 'CREATE_TOKENS'
  | 'DESCRIBE_TOKENS'
  | 'TWO_PHASE_COMMIT';

/** To what it can be done. */
export type ResourceType = 'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID' | 'DELEGATION_TOKEN' | 'USER';

/** The name of the one cluster resource. */
export const CLUSTER_NAME = 'kafka-cluster';

/** One question. */
export interface Action {
  readonly principal: Principal;
  readonly host: string;
  readonly operation: AclOperation;
  readonly resourceType: ResourceType;
  readonly resourceName: string;
}

/** Says whether an action is allowed; must answer without waiting. */
export interface Authorizer {
  authorize(action: Action): boolean;
  /** Says whether an action is allowed on some resource of the type, whichever that may be (KIP-679). */
  authorizeByResourceType(action: Omit<Action, 'resourceName'>): boolean;
  /** True when no ACLs are kept, so that answers leave "authorized operations" to their all-allowed form. */
  readonly allowsEverything: boolean;
}

/** No authorizer configured: everybody may do everything. */
export const allowAllAuthorizer: Authorizer = {
  authorize: () => true,
  authorizeByResourceType: () => true,
  allowsEverything: true,
};
