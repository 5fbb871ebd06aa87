/**
 * The states of a transaction, by the names that tools show and filter with, and their numbers in the log.
 *
 * ```
 *   Empty ─► Ongoing ─► PrepareCommit ─► CompleteCommit ─┐
 *     ▲         └─────► PrepareAbort ──► CompleteAbort ──┤   a producer that starts anew goes back to Empty,
 *     └──────────────────────────────────────────────────┘   its next transaction to Ongoing
 * ```
 * Source: org.apache.kafka.coordinator.transaction.TransactionState.
 */

/** The number of each state in a TransactionLogValue. */
export const transactionStateIds = {
  Empty: 0,
  Ongoing: 1,
  PrepareCommit: 2,
  PrepareAbort: 3,
  CompleteCommit: 4,
  CompleteAbort: 5,
  Dead: 6,
  PrepareEpochFence: 7,
} as const;

/** A state that has a name. Dead and PrepareEpochFence are passed through at once and never written. */
export type TransactionState = keyof typeof transactionStateIds;

const statesById: ReadonlyMap<number, TransactionState> = new Map(
  Object.entries(transactionStateIds).map(([name, id]) => [id, name as TransactionState]),
);

/** The state with this number, if there is one. */
export function transactionStateOf(id: number): TransactionState | undefined {
  return statesById.get(id);
}

/** The state of this name, if there is one. */
export function transactionStateNamed(name: string): TransactionState | undefined {
  return Object.hasOwn(transactionStateIds, name) ? (name as TransactionState) : undefined;
}

/** Whether markers must be written before anything else may happen. */
export function isPrepared(state: TransactionState): boolean {
  return state === 'PrepareCommit' || state === 'PrepareAbort';
}

/** Whether a transactional id in this state may be forgotten. */
export function mayExpire(state: TransactionState): boolean {
  return state === 'Empty' || state === 'CompleteCommit' || state === 'CompleteAbort';
}
