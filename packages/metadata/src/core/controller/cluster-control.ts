/**
 * Decides about nodes joining: brokers with their incarnations, epochs, directories and features, and controllers.
 *
 * Source: org.apache.kafka.controller.ClusterControlManager; KIP-631, KIP-858, KIP-919, KIP-966.
 */
import type { Uuid } from '@skarab/base';
import {
  type BrokerRegistrationRequest,
  type BrokerRegistrationResponse,
  type ControllerRegistrationRequest,
  type ControllerRegistrationResponse,
  ErrorCode,
  newBrokerRegistrationResponse,
  newControllerRegistrationResponse,
  newRegisterBrokerRecord,
  newRegisterControllerRecord,
} from '@skarab/protocol';
import { isReservedDirectory, MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY } from '../directory-id.ts';
import {
  isControllerRegistrationSupported,
  isDirectoryAssignmentSupported,
  METADATA_VERSION_FEATURE,
  registerBrokerRecordVersion,
} from '../feature/metadata-version.ts';
import { rangeContains } from '../feature/version-range.ts';
import { isActiveBroker } from '../image/cluster-image.ts';
import { toNumber } from '../int64.ts';
import type { UsableBroker } from '../placement/striped-replica-placer.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import {
  type BrokerRegistration,
  hasOnlineDirectory,
  hasUncordonedDirectory,
} from '../registration/broker-registration.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decide, decideAtomically, type ErrorValue, failure, refuse } from './decision.ts';

/** From which version of BrokerRegistration on brokers tell their previous epoch, and with it whether they stopped cleanly. */
const CLEAN_SHUTDOWN_VERSION = 3;

/** Makes the records that take a broker's previous incarnation out of its partitions. */
export type BrokerShutdownRecords = (brokerId: number, isCleanShutdown: boolean) => readonly MetadataRecord[];

/** A registration with the time and place it happens at. */
export interface RegistrationContext {
  readonly requestVersion: number;
  /** Offset at which the next record will be written; the epoch of a new incarnation. */
  readonly nextWriteOffset: number;
  readonly nowMs: number;
  readonly finalizedLevels: ReadonlyMap<string, number>;
}

/** Decider of nodes. */
export class ClusterControl {
  readonly #state: ControllerState;
  readonly #clusterId: string;
  readonly #shutdownRecords: BrokerShutdownRecords;

  constructor(state: ControllerState, clusterId: string, shutdownRecords: BrokerShutdownRecords) {
    this.#state = state;
    this.#clusterId = clusterId;
    this.#shutdownRecords = shutdownRecords;
  }

  /** Registers a broker, or a new incarnation of one. */
  registerBroker(
    request: BrokerRegistrationRequest,
    context: RegistrationContext,
  ): Decision<BrokerRegistrationResponse> {
    const existing = this.#state.image.cluster.brokers.get(request.brokerId);
    const error =
      this.#reasonNotRegistrable(request, existing, context.nowMs) ??
      this.#reasonDirectoriesInvalid(request) ??
      reasonFeaturesUnsupported(request, context.finalizedLevels);
    if (error !== null) return { ok: false, error };
    const isSameIncarnation = existing?.incarnationId === request.incarnationId;
    const records: MetadataRecord[] = [];
    let epoch = context.nextWriteOffset;
    if (isSameIncarnation) epoch = existing.epoch;
    else {
      const told = context.requestVersion >= CLEAN_SHUTDOWN_VERSION;
      const isCleanShutdown = told && existing?.epoch === toNumber(request.previousBrokerEpoch);
      records.push(...this.#shutdownRecords(request.brokerId, isCleanShutdown));
      this.#state.heartbeats.remove(request.brokerId);
    }
    const record = this.#registrationRecord(request, epoch, isSameIncarnation ? existing : undefined);
    this.#state.heartbeats.register(request.brokerId, record.data.fenced);
    // The registration comes last: should only the first batches survive, the broker registers again.
    return decide([...records, record], newBrokerRegistrationResponse({ brokerEpoch: BigInt(epoch) }));
  }

  /** Registers a controller. */
  registerController(request: ControllerRegistrationRequest): Decision<ControllerRegistrationResponse> {
    if (!isControllerRegistrationSupported(this.#state.metadataVersion)) {
      return refuse(
        ErrorCode.UNSUPPORTED_VERSION,
        'The current MetadataVersion is too old to support controller registrations.',
      );
    }
    const data = newRegisterControllerRecord({
      controllerId: request.controllerId,
      incarnationId: request.incarnationId,
      zkMigrationReady: false,
      endPoints: request.listeners.map(({ name, host, port, securityProtocol }) => ({
        name,
        host,
        port,
        securityProtocol,
      })),
      features: request.features.map(({ name, minSupportedVersion, maxSupportedVersion }) => ({
        name,
        minSupportedVersion,
        maxSupportedVersion,
      })),
    });
    return decideAtomically(
      [{ type: 'RegisterControllerRecord', version: 0, data }],
      newControllerRegistrationResponse({ errorMessage: '' }),
    );
  }

  /** Null when `epoch` is the current one of the broker. */
  reasonStaleEpoch(brokerId: number, epoch: bigint): ErrorValue | null {
    const broker = this.#state.image.cluster.brokers.get(brokerId);
    if (broker === undefined) {
      return failure(ErrorCode.STALE_BROKER_EPOCH, `No broker registration found for broker id ${brokerId}`);
    }
    if (BigInt(broker.epoch) === epoch) return null;
    return failure(
      ErrorCode.STALE_BROKER_EPOCH,
      `Expected broker epoch ${broker.epoch}, but got broker epoch ${epoch}`,
    );
  }

  /** True when the broker is registered, not fenced and not shutting down. */
  isActive(brokerId: number): boolean {
    return isActiveBroker(this.#state.image.cluster, brokerId);
  }

  /** True when the broker can serve a replica in `directory`. */
  hasOnlineDirectory(brokerId: number, directory: Uuid): boolean {
    const broker = this.#state.image.cluster.brokers.get(brokerId);
    return broker !== undefined && hasOnlineDirectory(broker, directory);
  }

  /** The directory for a new replica on a broker: its only one, or its own choice. */
  defaultDirectory(brokerId: number): Uuid {
    if (!isDirectoryAssignmentSupported(this.#state.metadataVersion)) return MIGRATING_DIRECTORY;
    const broker = this.#state.image.cluster.brokers.get(brokerId);
    if (broker === undefined) return UNASSIGNED_DIRECTORY;
    const [only, ...more] = broker.directories;
    if (only === undefined) return MIGRATING_DIRECTORY;
    return more.length === 0 ? only : UNASSIGNED_DIRECTORY;
  }

  /** The brokers that may receive replicas. */
  *usableBrokers(): Generator<UsableBroker> {
    const { brokers } = this.#state.image.cluster;
    for (const { id, fenced } of this.#state.heartbeats.usable()) {
      const broker = brokers.get(id);
      if (broker !== undefined && hasUncordonedDirectory(broker)) yield { id, fenced, rack: broker.rack };
    }
  }

  #reasonNotRegistrable(
    request: BrokerRegistrationRequest,
    existing: BrokerRegistration | undefined,
    nowMs: number,
  ): ErrorValue | null {
    if (request.clusterId !== this.#clusterId) {
      return failure(
        ErrorCode.INCONSISTENT_CLUSTER_ID,
        `Expected cluster ID ${this.#clusterId}, but got cluster ID ${request.clusterId}`,
      );
    }
    const isOther = existing !== undefined && existing.incarnationId !== request.incarnationId;
    const mayLive = isOther && this.#state.heartbeats.hasValidSession(existing, nowMs);
    if (mayLive && !this.#isSuccessor(request, existing)) {
      return failure(
        ErrorCode.DUPLICATE_BROKER_REGISTRATION,
        'Another broker is registered with that broker id. If the broker was recently restarted this should ' +
          "self-resolve once the heartbeat manager expires the broker's session.",
      );
    }
    if (request.isMigratingZkBroker) {
      return failure(ErrorCode.BROKER_ID_NOT_REGISTERED, 'Controller does not support registering ZK brokers.');
    }
    return null;
  }

  /**
   * True when the process before must be gone: this controller has never heard of it, and its log directories, which processes lock, are in
   * the hands of another one. After a cluster has died as a whole nobody has to wait for sessions of the dead.
   */
  #isSuccessor({ logDirs }: BrokerRegistrationRequest, existing: BrokerRegistration): boolean {
    const { directories } = existing;
    const hasAll = directories.length > 0 && directories.every((directory) => logDirs.includes(directory));
    return hasAll && !this.#state.heartbeats.wasHeard(existing);
  }

  #reasonDirectoriesInvalid(request: BrokerRegistrationRequest): ErrorValue | null {
    if (!isDirectoryAssignmentSupported(this.#state.metadataVersion)) return null;
    const { logDirs } = request;
    if (logDirs.length === 0) return invalidRegistration('No directories specified in request');
    if (logDirs.some(isReservedDirectory)) return invalidRegistration('Reserved directory ID in request');
    if (new Set(logDirs).size !== logDirs.length) return invalidRegistration('Duplicate directory ID in request');
    for (const broker of this.#state.image.cluster.brokers.values()) {
      const taken = broker.id === request.brokerId ? undefined : broker.directories.find((id) => logDirs.includes(id));
      if (taken !== undefined) {
        return invalidRegistration(`Broker ${broker.id} is already registered with directory ${taken}`);
      }
    }
    return null;
  }

  #registrationRecord(request: BrokerRegistrationRequest, epoch: number, existing: BrokerRegistration | undefined) {
    const { metadataVersion } = this.#state;
    const data = newRegisterBrokerRecord({
      brokerId: request.brokerId,
      incarnationId: request.incarnationId,
      brokerEpoch: BigInt(epoch),
      rack: request.rack,
      endPoints: request.listeners.map(({ name, host, port, securityProtocol }) => ({
        name,
        host,
        port,
        securityProtocol,
      })),
      features: request.features.map(({ name, minSupportedVersion, maxSupportedVersion }) => ({
        name,
        minSupportedVersion,
        maxSupportedVersion,
      })),
      fenced: existing?.fenced ?? true,
      inControlledShutdown: existing?.inControlledShutdown ?? false,
      logDirs: isDirectoryAssignmentSupported(metadataVersion) ? request.logDirs : [],
    });
    return { type: 'RegisterBrokerRecord', version: registerBrokerRecordVersion(metadataVersion), data } as const;
  }
}

/** Every finalized feature must be one that the broker supports. */
function reasonFeaturesUnsupported(
  request: BrokerRegistrationRequest,
  finalizedLevels: ReadonlyMap<string, number>,
): ErrorValue | null {
  const asked = new Map(
    request.features.map((f) => [f.name, { min: f.minSupportedVersion, max: f.maxSupportedVersion }]),
  );
  if (!asked.has(METADATA_VERSION_FEATURE)) {
    return invalidRegistration(`Request features do not contain '${METADATA_VERSION_FEATURE}'`);
  }
  for (const name of new Set([...asked.keys(), ...finalizedLevels.keys()])) {
    const finalized = finalizedLevels.get(name) ?? 0;
    const range = asked.get(name) ?? { min: 0, max: 0 };
    if (rangeContains(range, finalized)) continue;
    return failure(
      ErrorCode.UNSUPPORTED_VERSION,
      `Unable to register because the broker does not support finalized version ${finalized} of ${name}. ` +
        `The broker wants a version between ${range.min} and ${range.max}, inclusive.`,
    );
  }
  return null;
}

function invalidRegistration(message: string): ErrorValue {
  return failure(ErrorCode.INVALID_REGISTRATION, message);
}
