/**
 * Drives the group coordinator: feeds it requests, elections, commits and time; executes its effects against the log and the waiting requests.
 *
 * The only place where group coordination meets promises and timers. Each input is followed by taking and executing all effects, so
 * nothing lingers between two turns. Source: org.apache.kafka.coordinator.common.runtime.CoordinatorRuntime, GroupCoordinatorService.
 */
import type { Clock, Logger, Timer } from '@skarab/base';
import {
  type ClusterChange,
  type ClusterImage,
  clientHostOf,
  errorResponse,
  type GroupCoordinator,
  type GroupCoordinatorEffect,
  type GroupRequest,
  type GroupRequestKind,
  type GroupResponse,
} from '@skarab/coordinator';
import type { ErrorCode } from '@skarab/protocol';
import { buildBatch, type CompressionType } from '@skarab/records';
import type { RequestContext } from '../dispatch/request-context.ts';
import type { CoordinatorLog } from './coordinator-log.ts';
import type { GroupRequestsPort } from './group-requests-port.ts';

/** What the host is made of. */
export interface GroupCoordinatorHostOptions {
  readonly groups: GroupCoordinator;
  readonly log: CoordinatorLog;
  /** `offsets.topic.compression.codec`. */
  readonly compression: CompressionType;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class GroupCoordinatorHost implements GroupRequestsPort {
  readonly #options: GroupCoordinatorHostOptions;
  readonly #waiting = new Map<number, (response: never) => void>();
  #lastToken = 0;
  #timer: Timer | undefined;
  #timerDeadlineMs = Number.POSITIVE_INFINITY;
  #draining = false;
  #isStopped = false;

  constructor(options: GroupCoordinatorHostOptions) {
    this.#options = options;
  }

  /** The partition of the offsets topic that keeps a group. */
  partitionFor(groupId: string): number {
    return this.#options.groups.partitionFor(groupId);
  }

  send<K extends GroupRequestKind>(
    kind: K,
    context: RequestContext,
    request: GroupRequest<K>,
  ): Promise<GroupResponse<K>> {
    const token = ++this.#lastToken;
    return new Promise((resolve) => {
      this.#waiting.set(token, resolve as (response: never) => void);
      const from = {
        apiVersion: context.apiVersion,
        clientId: context.clientId ?? '',
        clientHost: clientHostOf(context.connection.remoteAddress),
        mayDescribe: (topic: string) => context.mayDo('DESCRIBE', 'TOPIC', topic),
      };
      this.#options.groups.handleRequest(kind, from, request, token, this.#now());
      this.#drain();
    });
  }

  refuse<K extends GroupRequestKind>(
    kind: K,
    request: GroupRequest<K>,
    errorCode: number,
    apiVersion: number,
  ): GroupResponse<K> {
    return errorResponse(kind, request, errorCode as ErrorCode, apiVersion);
  }

  /** This broker leads a partition of the offsets topic. */
  onElected(partition: number, leaderEpoch: number): void {
    this.#options.groups.onElected(partition, leaderEpoch);
    this.#drain();
  }

  /** It no longer does. */
  onResigned(partition: number, leaderEpoch: number | null): void {
    this.#options.groups.onResigned(partition, leaderEpoch, this.#now());
    this.#drain();
  }

  /** Everything below `highWatermark` of a partition is committed. */
  onCommitted(partition: number, highWatermark: number): void {
    this.#options.groups.onCommitted(partition, highWatermark, this.#now());
    this.#drain();
  }

  /** There is a newer image of the cluster. */
  onMetadataUpdate(image: ClusterImage, change: ClusterChange): void {
    this.#options.groups.onMetadataUpdate(image, change, this.#now());
    this.#drain();
  }

  /** Topics are gone, and with them their offsets. */
  onTopicsDeleted(topics: readonly { readonly id: string; readonly name: string }[]): void {
    this.#options.groups.onTopicsDeleted(topics, this.#now());
    this.#drain();
  }

  /** Answers everybody who waits and stops. */
  stop(): void {
    if (this.#isStopped) return;
    this.#options.groups.shutdown(this.#now());
    this.#drain();
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #now(): number {
    return this.#options.clock.nowMs();
  }

  /** Executes effects until there are none; inputs that arise meanwhile are handled by the same loop. */
  #drain(): void {
    if (this.#draining || this.#isStopped) return;
    this.#draining = true;
    for (
      let effects = this.#options.groups.takeEffects();
      effects.length > 0;
      effects = this.#options.groups.takeEffects()
    ) {
      for (const effect of effects) this.#execute(effect);
    }
    this.#draining = false;
    this.#armTimer();
  }

  #execute(effect: GroupCoordinatorEffect): void {
    switch (effect.type) {
      case 'append':
        this.#append(effect);
        break;
      case 'load':
        void this.#load(effect);
        break;
      case 'respond': {
        const resolve = this.#waiting.get(effect.token);
        this.#waiting.delete(effect.token);
        resolve?.(effect.response as never);
        break;
      }
    }
  }

  #append(effect: Extract<GroupCoordinatorEffect, { type: 'append' }>): void {
    const { groups, log, compression } = this.#options;
    const { partition, leaderEpoch, appendId, records } = effect;
    const result = log.append(
      partition,
      leaderEpoch,
      buildBatch({ records, compression, partitionLeaderEpoch: leaderEpoch }),
    );
    if ('nextOffset' in result) groups.onAppended(partition, appendId, result.nextOffset, this.#now());
    else groups.onAppendFailed(partition, appendId, result.errorCode as ErrorCode, this.#now());
  }

  async #load({ partition, load }: Extract<GroupCoordinatorEffect, { type: 'load' }>): Promise<void> {
    const startedMs = this.#options.clock.monotonicMs();
    try {
      const { highWatermark, logEndOffset } = await this.#options.log.readAll(partition, (batch, committed) => {
        load.replay(batch, committed);
        return !load.isCancelled;
      });
      load.complete(highWatermark, logEndOffset, this.#now());
      const elapsedMs = Math.round(this.#options.clock.monotonicMs() - startedMs);
      this.#options.logger.debug({ partition, records: logEndOffset, elapsedMs }, 'loaded groups and offsets');
    } catch (error) {
      this.#options.logger.error({ partition, error: String(error) }, 'cannot load groups and offsets');
      load.fail(this.#now());
    }
    this.#drain();
  }

  #armTimer(): void {
    const deadlineMs = this.#options.groups.nextDeadlineMs();
    if (deadlineMs === null || deadlineMs >= this.#timerDeadlineMs) return;
    this.#timer?.cancel();
    this.#timerDeadlineMs = deadlineMs;
    this.#timer = this.#options.clock.after(Math.max(0, deadlineMs - this.#now()), () => {
      this.#timerDeadlineMs = Number.POSITIVE_INFINITY;
      this.#options.groups.onTimer(this.#now());
      this.#drain();
    });
  }
}
