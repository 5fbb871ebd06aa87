/**
 * The options of the transaction coordinator, by Kafka's names.
 *
 * Options of the topic itself (`transaction.state.log.*`) belong to the host.
 * Source: org.apache.kafka.coordinator.transaction.TransactionStateManagerConfig.
 */

/** How the transaction coordinator behaves; fixed while it runs. */
export interface TransactionCoordinatorConfig {
  /** `transactional.id.expiration.ms` */
  readonly idExpirationMs: number;
  /** `transaction.max.timeout.ms` */
  readonly maxTimeoutMs: number;
  /** `transaction.abort.timed.out.transaction.cleanup.interval.ms` */
  readonly abortTimedOutIntervalMs: number;
  /** `transaction.remove.expired.transaction.cleanup.interval.ms` */
  readonly removeExpiredIntervalMs: number;
  /** `transaction.two.phase.commit.enable` (KIP-939) */
  readonly isTwoPhaseCommitEnabled: boolean;
  /** `request.timeout.ms`: how long a write may wait for its commit. */
  readonly writeTimeoutMs: number;
}

const defaults: TransactionCoordinatorConfig = {
  idExpirationMs: 7 * 24 * 3_600_000,
  maxTimeoutMs: 15 * 60_000,
  abortTimedOutIntervalMs: 10_000,
  removeExpiredIntervalMs: 3_600_000,
  isTwoPhaseCommitEnabled: false,
  writeTimeoutMs: 30_000,
};

/** The default configuration, except for the given options. */
export function newTransactionCoordinatorConfig(
  fields: Partial<TransactionCoordinatorConfig> = {},
): TransactionCoordinatorConfig {
  return { ...defaults, ...fields };
}
