/**
 * Hosts the transaction coordinator: its requests as promises, its markers through the port that writes them, driven against the log.
 *
 * Source: kafka.coordinator.transaction.TransactionCoordinator.
 */
import type { Clock, Logger } from '@skarab/base';
import type {
  TransactionCoordinator,
  TransactionRequest,
  TransactionRequestKind,
  TransactionResponse,
  WriteMarkersEffect,
} from '@skarab/coordinator';
import { ErrorCode } from '@skarab/protocol';
import type { ProducerIds } from '../controller/producer-ids.ts';
import { CoordinatorDriver } from './coordinator-driver.ts';
import type { CoordinatorLog } from './coordinator-log.ts';
import type { TransactionMarkers } from './transaction-markers.ts';

/** What the host is made of. */
export interface TransactionCoordinatorHostOptions {
  readonly transactions: TransactionCoordinator;
  readonly log: CoordinatorLog;
  readonly markers: TransactionMarkers;
  readonly producerIds: ProducerIds;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class TransactionCoordinatorHost {
  readonly #options: TransactionCoordinatorHostOptions;
  /** Elections, commits and the end go straight to it. */
  readonly driver: CoordinatorDriver<WriteMarkersEffect>;

  constructor(options: TransactionCoordinatorHostOptions) {
    const { transactions, log, clock, logger } = options;
    this.#options = options;
    this.driver = new CoordinatorDriver<WriteMarkersEffect>({
      coordinator: transactions,
      log,
      subject: 'transactions',
      // Kafka does not compress this topic, whatever its configuration.
      compression: 'none',
      execute: (effect) => void this.#writeMarkers(effect),
      clock,
      logger,
    });
  }

  /** The partition of `__transaction_state` that keeps a transactional id. */
  partitionFor(transactionalId: string): number {
    return this.#options.transactions.partitionFor(transactionalId);
  }

  /** Never rejects: a coordinator that is not here answers with NOT_COORDINATOR. */
  async send<K extends TransactionRequestKind>(
    kind: K,
    request: TransactionRequest<K>,
  ): Promise<TransactionResponse<K>> {
    if (kind === 'initProducerId') await this.#haveProducerId();
    return this.driver.ask((token, nowMs) => this.#options.transactions.handleRequest(kind, request, token, nowMs));
  }

  /** Spares a new producer its first retry; when no id can be had, the coordinator says so. */
  async #haveProducerId(): Promise<void> {
    const { producerIds, logger } = this.#options;
    try {
      await producerIds.whenAvailable();
    } catch (error) {
      logger.warn({ error: String(error) }, 'no producer ids can be had');
    }
  }

  async #writeMarkers(effect: WriteMarkersEffect): Promise<void> {
    const { markers, transactions, logger } = this.#options;
    const { end, partitions } = effect;
    const results = await markers.write(end, partitions).catch((error: unknown) => {
      logger.error({ transactionalId: effect.transactionalId, error: String(error) }, 'cannot write markers');
      return partitions.map((partition) => ({ ...partition, errorCode: ErrorCode.UNKNOWN_SERVER_ERROR }));
    });
    this.driver.tell((nowMs) => transactions.onMarkersWritten(effect, results, nowMs));
  }
}
