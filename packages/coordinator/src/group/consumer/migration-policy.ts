/**
 * Which way groups may go between the classic protocol and the one of KIP-848 while they have members.
 *
 * Source: org.apache.kafka.coordinator.group.ConsumerGroupMigrationPolicy.
 */

/** Whether a classic group may become a consumer group. */
export function isUpgradeEnabled(policy: string): boolean {
  return ['bidirectional', 'upgrade'].includes(policy.toLowerCase());
}

/** Whether a consumer group may become a classic group. */
export function isDowngradeEnabled(policy: string): boolean {
  return ['bidirectional', 'downgrade'].includes(policy.toLowerCase());
}

/** Whether a group may not have members of both protocols. */
export function isMigrationDisabled(policy: string): boolean {
  return policy.toLowerCase() === 'disabled';
}
