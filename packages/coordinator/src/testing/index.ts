/** Rules that tests break on purpose, to see that it is noticed. */
export { PartitionEpochs } from '../group/consumer/partition-epochs.ts';
export { OffsetStore } from '../group/offsets/offset-store.ts';
export { TransactionCoordinator } from '../transaction/transaction-coordinator.ts';
export { TransactionStore } from '../transaction/transaction-store.ts';
