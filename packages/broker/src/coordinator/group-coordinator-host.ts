/**
 * Hosts the group coordinator: its requests as promises, its inputs from the replicas and the metadata, driven against the log.
 *
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorService.
 */
import type { Clock, Logger } from '@skarab/base';
import {
  type AlteredOffsets,
  type ClusterChange,
  type ClusterImage,
  clientHostOf,
  errorResponse,
  type ForgottenTopics,
  type GroupCoordinator,
  type GroupEffect,
  type GroupRequest,
  type GroupRequestKind,
  type GroupResponse,
  type OffsetsToDelete,
  type StatesToDelete,
  type StatesToInitialize,
  type TransactionEnd,
} from '@skarab/coordinator';
import type { AlterShareGroupOffsetsRequest, DeleteShareGroupOffsetsRequest, ErrorCode } from '@skarab/protocol';
import type { CompressionType } from '@skarab/records';
import type { RequestContext } from '../dispatch/request-context.ts';
import { CoordinatorDriver } from './coordinator-driver.ts';
import type { CoordinatorLog } from './coordinator-log.ts';
import type { GroupRequestsPort } from './group-requests-port.ts';

/** What the host is made of. */
export interface GroupCoordinatorHostOptions {
  readonly groups: GroupCoordinator;
  readonly log: CoordinatorLog;
  /** `offsets.topic.compression.codec`. */
  readonly compression: CompressionType;
  /** Has the share coordinator make states of partitions; resolves with whether all of them are made. */
  readonly initializeShareStates: (states: StatesToInitialize) => Promise<boolean>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class GroupCoordinatorHost implements GroupRequestsPort {
  readonly #groups: GroupCoordinator;
  readonly #initializeShareStates: (states: StatesToInitialize) => Promise<boolean>;
  /** Elections, commits and the end go straight to it. */
  readonly driver: CoordinatorDriver<GroupEffect>;

  constructor(options: GroupCoordinatorHostOptions) {
    const { groups, log, compression, clock, logger } = options;
    this.#groups = groups;
    this.#initializeShareStates = options.initializeShareStates;
    this.driver = new CoordinatorDriver<GroupEffect>({
      coordinator: groups,
      log,
      subject: 'groups and offsets',
      compression,
      execute: (effect) => this.#execute(effect),
      clock,
      logger,
    });
  }

  #execute(effect: GroupEffect): void {
    if (effect.type === 'transactionEnded') this.driver.answer(effect.token, effect.errorCode);
    else if (effect.type === 'shareStates') this.driver.answer(effect.token, effect.result);
    else void this.#initialize(effect.states);
  }

  async #initialize(states: StatesToInitialize): Promise<void> {
    const isDone = await this.#initializeShareStates(states).catch(() => false);
    this.driver.tell((nowMs) => this.#groups.onShareStatesInitialized(states, isDone, nowMs));
  }

  alterShareOffsets(request: AlterShareGroupOffsetsRequest): Promise<AlteredOffsets> {
    return this.driver.ask((token, nowMs) => this.#groups.alterShareOffsets(request, token, nowMs));
  }

  beginShareOffsetsDeletion(request: DeleteShareGroupOffsetsRequest): Promise<OffsetsToDelete> {
    return this.driver.ask((token, nowMs) => this.#groups.beginShareOffsetsDeletion(request, token, nowMs));
  }

  endShareOffsetsDeletion(forgotten: ForgottenTopics): Promise<ErrorCode> {
    return this.driver.ask((token, nowMs) => this.#groups.endShareOffsetsDeletion(forgotten, token, nowMs));
  }

  onShareStatesBegun(states: StatesToInitialize): void {
    this.driver.tell((nowMs) => this.#groups.onShareStatesInitialized(states, true, nowMs));
  }

  /** The partitions of a share group that have a state. */
  shareGroupStates(groupId: string): Promise<StatesToDelete> {
    return this.driver.ask((token, nowMs) => this.#groups.shareGroupStates(groupId, token, nowMs));
  }

  /** What must be deleted at the share coordinator before a group can be deleted. */
  beginShareGroupDeletion(groupId: string): Promise<StatesToDelete> {
    return this.driver.ask((token, nowMs) => this.#groups.beginShareGroupDeletion(groupId, token, nowMs));
  }

  /** The partition of the offsets topic that keeps a group. */
  partitionFor(groupId: string): number {
    return this.#groups.partitionFor(groupId);
  }

  send<K extends GroupRequestKind>(
    kind: K,
    context: RequestContext,
    request: GroupRequest<K>,
  ): Promise<GroupResponse<K>> {
    return this.driver.ask((token, nowMs) => {
      const from = {
        apiVersion: context.apiVersion,
        clientId: context.clientId ?? '',
        clientHost: clientHostOf(context.connection.remoteAddress),
        mayDescribe: (topic: string) => context.mayDo('DESCRIBE', 'TOPIC', topic),
      };
      this.#groups.handleRequest(kind, from, request, token, nowMs);
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

  /** Ends a transaction in a partition of the offsets topic; resolves when the marker is committed, or with why it is not written. */
  endTransaction(partition: number, end: TransactionEnd): Promise<ErrorCode> {
    return this.driver.ask((token, nowMs) => this.#groups.endTransaction(partition, end, token, nowMs));
  }

  /** There is a newer image of the cluster. */
  onMetadataUpdate(image: ClusterImage, change: ClusterChange): void {
    this.driver.tell((nowMs) => this.#groups.onMetadataUpdate(image, change, nowMs));
  }

  /** Topics are gone, and with them their offsets. */
  onTopicsDeleted(topics: readonly { readonly id: string; readonly name: string }[]): void {
    this.driver.tell((nowMs) => this.#groups.onTopicsDeleted(topics, nowMs));
  }
}
