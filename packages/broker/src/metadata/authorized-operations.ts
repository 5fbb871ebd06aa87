/**
 * The bit fields of authorized operations (KIP-430): bit n stands for the operation whose code is n.
 *
 * Source: org.apache.kafka.common.acl.AclOperation, org.apache.kafka.security.authorizer.AclEntry.supportedOperations.
 */
import type { AclOperation, ResourceType } from '@skarab/security';
import type { RequestContext } from '../dispatch/request-context.ts';

/** "Not asked for" in responses. */
export const OPERATIONS_NOT_REQUESTED = -0x80000000;

const CODES: Readonly<Record<AclOperation, number>> = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
  CREATE_TOKENS: 13,
  DESCRIBE_TOKENS: 14,
  TWO_PHASE_COMMIT: 15,
};

const SUPPORTED: Partial<Record<ResourceType, readonly AclOperation[]>> = {
  TOPIC: ['READ', 'WRITE', 'CREATE', 'DESCRIBE', 'DELETE', 'ALTER', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  GROUP: ['READ', 'DESCRIBE', 'DELETE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'],
  CLUSTER: ['CREATE', 'CLUSTER_ACTION', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE', 'ALTER', 'DESCRIBE'],
};

/** The operations on a resource that the peer of `context` may do. */
export function authorizedOperations(context: RequestContext, type: ResourceType, name: string): number {
  let bits = 0;
  for (const operation of SUPPORTED[type] ?? [])
    if (context.mayDo(operation, type, name)) bits |= 1 << CODES[operation];
  return bits;
}
