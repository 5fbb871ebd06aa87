/**
 * Decides which transactional ids are forgotten: those without a transaction that nobody has used for so long.
 *
 * Shape: decider. Source: kafka.coordinator.transaction.TransactionStateManager.removeExpiredTransactionalIds.
 */
import { type Decision, decidedInParts } from '../runtime/decision.ts';
import type { TransactionRecord } from './records/transaction-record.ts';
import { recordOf, type TransactionParts } from './transaction-parts.ts';
import { mayExpire } from './transaction-state.ts';

/** Decides the tombstones that are due. */
export function expireIds(parts: TransactionParts, nowMs: number): Decision<null, TransactionRecord> {
  const latestMs = nowMs - parts.config.idExpirationMs;
  const records: TransactionRecord[] = [];
  for (const [transactionalId, { metadata, isPending }] of parts.store.entries()) {
    if (isPending || !mayExpire(metadata.state) || metadata.lastUpdateTimestampMs > latestMs) continue;
    records.push(recordOf(parts, transactionalId, null));
  }
  if (records.length > 0) parts.logger.info({ count: records.length }, 'expired transactional ids');
  return decidedInParts(records);
}
