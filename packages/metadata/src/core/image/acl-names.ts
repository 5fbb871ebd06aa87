/**
 * Names of the numbers in access control entries, each at the index of its number.
 *
 * Source: org.apache.kafka.common.acl.AclOperation, AclPermissionType, org.apache.kafka.common.resource.ResourceType, PatternType.
 */

export const RESOURCE_TYPES: readonly string[] = [
  'UNKNOWN',
  'ANY',
  'TOPIC',
  'GROUP',
  'CLUSTER',
  'TRANSACTIONAL_ID',
  'DELEGATION_TOKEN',
  'USER',
];
export const PATTERN_TYPES: readonly string[] = ['UNKNOWN', 'ANY', 'MATCH', 'LITERAL', 'PREFIXED'];
export const OPERATIONS: readonly string[] = [
  ...['UNKNOWN', 'ANY', 'ALL', 'READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'CLUSTER_ACTION'],
  ...['DESCRIBE_CONFIGS', 'ALTER_CONFIGS', 'IDEMPOTENT_WRITE', 'CREATE_TOKENS', 'DESCRIBE_TOKENS', 'TWO_PHASE_COMMIT'],
];
export const PERMISSION_TYPES: readonly string[] = ['UNKNOWN', 'ANY', 'DENY', 'ALLOW'];
