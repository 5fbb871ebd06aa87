/**
 * Hosts the share coordinator: its requests as promises, driven against the log of `__share_group_state`, which it prunes.
 *
 * Source: org.apache.kafka.coordinator.share.ShareCoordinatorService.
 */
import type { Clock, Logger, Uuid } from '@skarab/base';
import type {
  PruneEffect,
  ShareCoordinator,
  SharePartitionKey,
  ShareStateRequest,
  ShareStateRequestKind,
  ShareStateResponse,
} from '@skarab/coordinator';
import type { CompressionType } from '@skarab/records';
import { CoordinatorDriver } from './coordinator-driver.ts';
import type { CoordinatorLog } from './coordinator-log.ts';

/** What the host is made of. */
export interface ShareCoordinatorHostOptions {
  readonly shares: ShareCoordinator;
  readonly log: CoordinatorLog;
  /** Deletes what lies below an offset of a partition. */
  readonly prune: (partition: number, offset: number) => void;
  /** `share.coordinator.state.topic.compression.codec` */
  readonly compression: CompressionType;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ShareCoordinatorHost {
  readonly #shares: ShareCoordinator;
  /** Elections, commits and the end go straight to it. */
  readonly driver: CoordinatorDriver<PruneEffect>;

  constructor(options: ShareCoordinatorHostOptions) {
    const { shares, log, prune, compression, clock, logger } = options;
    this.#shares = shares;
    this.driver = new CoordinatorDriver<PruneEffect>({
      coordinator: shares,
      log,
      subject: 'share groups',
      compression,
      execute: ({ partition, offset }) => prune(partition, offset),
      clock,
      logger,
    });
  }

  /** The partition of `__share_group_state` that keeps a key. */
  partitionFor(key: SharePartitionKey): number {
    return this.#shares.partitionFor(key);
  }

  /** Never rejects: a coordinator that is not here answers with NOT_COORDINATOR. */
  send<K extends ShareStateRequestKind>(kind: K, request: ShareStateRequest<K>): Promise<ShareStateResponse<K>> {
    return this.driver.ask((token, nowMs) => this.#shares.handleRequest(kind, request, token, nowMs));
  }

  /** Share groups are enabled in the cluster, or not. */
  onFeatureChanged(isEnabled: boolean): void {
    this.driver.tell((nowMs) => this.#shares.onFeatureChanged(isEnabled, nowMs));
  }

  /** Topics are gone, and with them what share groups knew of them. */
  onTopicsDeleted(topics: readonly { readonly id: Uuid }[]): void {
    this.driver.tell((nowMs) => this.#shares.onTopicsDeleted(new Set(topics.map(({ id }) => id)), nowMs));
  }
}
