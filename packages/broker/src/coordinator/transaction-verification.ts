/**
 * Makes sure that a transaction is known to its coordinator before its first records are written to a partition (KIP-890): asks whether it
 * holds the partition, or, for clients of transaction version 2, adds the partition to it.
 *
 * Requests for one transactional id go one after the other, so that those behind the first find its partitions in the transaction
 * instead of CONCURRENT_TRANSACTIONS. Source: org.apache.kafka.server.transaction.AddPartitionsToTxnManager, ReplicaManager.maybeSendPartitionsToTransactionCoordinator.
 */
import type { Clock } from '@skarab/base';
import type { ProducerIdAndEpoch, TopicPartition } from '@skarab/coordinator';
import { VerificationGuard } from '@skarab/log';
import { ErrorCode } from '@skarab/protocol';
import { TRANSACTION_STATE_TOPIC } from '../metadata/internal-topics.ts';
import type { MetadataCache } from '../metadata/metadata-cache.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';
import type { AskRemotely } from './remote-transactions.ts';
import type { TransactionCoordinatorHost } from './transaction-coordinator-host.ts';

/** What the version of a request lets the broker do, and say, about a partition that is not in the transaction. */
export type TransactionSupport = 'default' | 'abortable' | 'addPartitions';

/** For Produce. */
export function supportOfProduce(apiVersion: number): TransactionSupport {
  return apiVersion > 11 ? 'addPartitions' : apiVersion > 10 ? 'abortable' : 'default';
}

/** For TxnOffsetCommit. */
export function supportOfOffsetCommit(apiVersion: number): TransactionSupport {
  return apiVersion > 4 ? 'addPartitions' : apiVersion > 3 ? 'abortable' : 'default';
}

/** Who writes. */
export interface TransactionalProducer extends ProducerIdAndEpoch {
  readonly transactionalId: string;
}

/** Where a batch is to go, and how it begins. */
export interface BatchToVerify extends TopicPartition {
  readonly baseSequence: number;
}

/** What came of one batch; the guard goes with it into the log, null where none is needed. */
export interface VerifiedBatch {
  readonly errorCode: ErrorCode;
  readonly guard: VerificationGuard | null;
}

/** What verification works with. */
export interface TransactionVerificationOptions {
  readonly nodeId: number;
  readonly replicas: ReplicaSet;
  readonly metadata: MetadataCache;
  readonly transactions: TransactionCoordinatorHost;
  /** For transactional ids whose coordinator is another broker. */
  readonly remote: AskRemotely;
  /** `transaction.partition.verification.enable` */
  readonly isEnabled: () => boolean;
  /** `add.partitions.to.txn.retry.backoff.ms` */
  readonly retryBackoffMs: () => number;
  /** `add.partitions.to.txn.retry.backoff.max.ms`, no more than `request.timeout.ms`. */
  readonly retryMaxMs: () => number;
  readonly clock: Clock;
}

const FIRST_WAIT_MS = 1;
/** The version of transactions in which brokers add partitions. */
const TRANSACTION_VERSION = 2;

export class TransactionVerification {
  readonly #options: TransactionVerificationOptions;
  /** The last request of each transactional id that is under way. */
  readonly #underWay = new Map<string, Promise<unknown>>();

  constructor(options: TransactionVerificationOptions) {
    this.#options = options;
  }

  /** As `verify`; while the transaction before is being completed, tries again for a while where partitions are added. */
  async verifyPatiently(
    producer: TransactionalProducer,
    batches: readonly BatchToVerify[],
    support: TransactionSupport,
  ): Promise<VerifiedBatch[]> {
    const { clock, retryBackoffMs, retryMaxMs } = this.#options;
    const endMs = clock.monotonicMs() + retryMaxMs();
    // The coordinator is mostly ready in a moment: the first waits are shorter than the configured one.
    for (let waitMs = FIRST_WAIT_MS; ; waitMs *= 2) {
      const verified = await this.verify(producer, batches, support);
      const isConcurrent = verified.some(({ errorCode }) => errorCode === ErrorCode.CONCURRENT_TRANSACTIONS);
      if (support !== 'addPartitions' || !isConcurrent || clock.monotonicMs() >= endMs) return verified;
      await new Promise<void>((resolve) => clock.after(Math.min(waitMs, retryBackoffMs()), resolve));
    }
  }

  /** Verifies or adds the partitions of batches of one producer; a result for each batch, in order. */
  async verify(
    producer: TransactionalProducer,
    batches: readonly BatchToVerify[],
    support: TransactionSupport,
  ): Promise<VerifiedBatch[]> {
    if (support !== 'addPartitions' && !this.#options.isEnabled())
      return batches.map(() => ({ errorCode: ErrorCode.NONE, guard: null }));
    const started = batches.map((batch) => this.#start(producer, batch, support));
    const unverified = batches.filter((_batch, index) => started[index]!.guard !== null);
    if (unverified.length === 0) return started;
    const errors = await this.#inTurn(producer.transactionalId, () => this.#ask(producer, unverified, support));
    let next = 0;
    return started.map(({ errorCode, guard }) =>
      guard === null ? { errorCode, guard } : { errorCode: forProducer(errors[next++]!, support), guard },
    );
  }

  #start(producer: TransactionalProducer, at: BatchToVerify, support: TransactionSupport): VerifiedBatch {
    const { replicas, metadata } = this.#options;
    const { producerId, producerEpoch } = producer;
    const partition = replicas.get(at.topic, at.partition);
    if (partition === undefined) {
      const exists = metadata.topic(at.topic)?.partitions[at.partition] !== undefined;
      const errorCode = exists ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
      return { errorCode, guard: null };
    }
    const isAdded = support === 'addPartitions';
    const guard = partition.startTransactionVerification(producerId, at.baseSequence, producerEpoch, isAdded);
    return guard === null || guard instanceof VerificationGuard
      ? { errorCode: ErrorCode.NONE, guard }
      : { errorCode: guard, guard: null };
  }

  async #ask(
    producer: TransactionalProducer,
    partitions: readonly TopicPartition[],
    support: TransactionSupport,
  ): Promise<readonly ErrorCode[]> {
    const { nodeId, transactions, remote, metadata } = this.#options;
    const index = transactions.partitionFor(producer.transactionalId);
    const leader = metadata.topic(TRANSACTION_STATE_TOPIC)?.partitions[index]?.leader ?? -1;
    const isAlive = metadata.image.cluster.brokers.get(leader)?.fenced === false;
    if (!isAlive) return partitions.map(() => ErrorCode.COORDINATOR_NOT_AVAILABLE);
    const call = { ...producer, partitions };
    if (leader !== nodeId) return remote(leader, { ...call, verifyOnly: support !== 'addPartitions' });
    if (support !== 'addPartitions') return transactions.send('verifyPartitions', call);
    const error = await transactions.send('addPartitions', { ...call, transactionVersion: TRANSACTION_VERSION });
    return partitions.map(() => error);
  }

  async #inTurn<R>(transactionalId: string, ask: () => Promise<R>): Promise<R> {
    const before = this.#underWay.get(transactionalId);
    const own = before === undefined ? ask() : before.then(ask);
    // `ask` never rejects: it says what went wrong.
    this.#underWay.set(transactionalId, own);
    const result = await own;
    if (this.#underWay.get(transactionalId) === own) this.#underWay.delete(transactionalId);
    return result;
  }
}

/** The error as producers know to handle it. */
function forProducer(error: ErrorCode, support: TransactionSupport): ErrorCode {
  if (error === ErrorCode.PRODUCER_FENCED) return ErrorCode.INVALID_PRODUCER_EPOCH;
  if (error === ErrorCode.TRANSACTION_ABORTABLE && support === 'default') return ErrorCode.INVALID_TXN_STATE;
  return error;
}
