/**
 * Decides what a broker's life means for its partitions: fencing, unfencing, controlled shutdown, lost and closed directories, leaving.
 *
 * Heartbeats also update the soft state, which is all that distinguishes this from a pure decider.
 * Source: org.apache.kafka.controller.ReplicationControlManager (processBrokerHeartbeat, handleBroker…); KIP-631, KIP-858, KIP-966, KIP-1066.
 */
import type { Uuid } from '@skarab/base';
import {
  type BrokerHeartbeatRequest,
  type BrokerHeartbeatResponse,
  type BrokerRegistrationChangeRecord,
  ErrorCode,
  newBrokerHeartbeatResponse,
  newBrokerRegistrationChangeRecord,
  newUnregisterBrokerRecord,
  newUnregisterBrokerResponse,
  type UnregisterBrokerRequest,
  type UnregisterBrokerResponse,
} from '@skarab/protocol';
import { isCordonedLogDirsSupported, isDirectoryAssignmentSupported } from '../feature/metadata-version.ts';
import { toNumber } from '../int64.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import {
  type BrokerRegistration,
  ControlledShutdownChange,
  FencingChange,
} from '../registration/broker-registration.ts';
import { NO_LEADER } from '../registration/partition-registration.ts';
import type { BrokerControlState } from './broker-heartbeats.ts';
import type { ClusterControl } from './cluster-control.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decide, refuse } from './decision.ts';
import type { Leadership } from './leadership.ts';

/** A heartbeat's answer; the host needs to know of a controlled shutdown once it has an offset for it. */
export interface HeartbeatReply {
  readonly response: BrokerHeartbeatResponse;
  readonly inControlledShutdown: boolean;
}

/** Decider of brokers' lives. */
export class BrokerLifecycle {
  readonly #state: ControllerState;
  readonly #cluster: ClusterControl;
  readonly #leadership: Leadership;

  constructor(state: ControllerState, cluster: ClusterControl, leadership: Leadership) {
    this.#state = state;
    this.#cluster = cluster;
    this.#leadership = leadership;
  }

  /** Answers a heartbeat. */
  processHeartbeat(request: BrokerHeartbeatRequest): Decision<HeartbeatReply> {
    const { brokerId, brokerEpoch } = request;
    const registrationOffset = this.#state.registrationOffset(brokerId);
    if (registrationOffset === undefined) {
      const message = `Receive a heartbeat from broker ${brokerId} before registration`;
      return refuse(ErrorCode.STALE_BROKER_EPOCH, message);
    }
    const stale = this.#cluster.reasonStaleEpoch(brokerId, brokerEpoch);
    if (stale !== null) return { ok: false, error: stale };
    const { heartbeats, index } = this.#state;
    const { current, next } = heartbeats.nextState(request, registrationOffset, index.hasLeaderships(brokerId));
    const broker = this.#state.image.cluster.brokers.get(brokerId)!;
    const records = current === next ? [] : this.#transition(broker, next);
    const isFenced = next === 'FENCED' || next === 'SHUTDOWN_NOW';
    const metadataOffset = toNumber(request.currentMetadataOffset);
    heartbeats.touch(brokerId, isFenced, metadataOffset);
    records.push(...this.#directoryRecords(broker, request));
    return decide(records, {
      inControlledShutdown: next === 'CONTROLLED_SHUTDOWN',
      response: newBrokerHeartbeatResponse({
        isCaughtUp: metadataOffset >= registrationOffset,
        isFenced,
        shouldShutDown: next === 'SHUTDOWN_NOW',
      }),
    });
  }

  /** Fences one broker whose session has expired; the response says whether there may be more. */
  fenceOneStaleBroker(nowMs: number): Decision<boolean> {
    const expired = this.#state.heartbeats.takeExpired(nowMs);
    if (expired === undefined) return decide([], false);
    const broker = this.#state.image.cluster.brokers.get(expired.id);
    if (broker === undefined) this.#state.heartbeats.remove(expired.id);
    if (broker === undefined || broker.epoch !== expired.epoch) return decide([], true);
    const records = this.#fence(broker);
    this.#state.heartbeats.fence(broker.id);
    return decide(records, true);
  }

  /** Forgets a broker. */
  unregister(request: UnregisterBrokerRequest): Decision<UnregisterBrokerResponse> {
    const broker = this.#state.image.cluster.brokers.get(request.brokerId);
    if (broker === undefined) {
      const message = `Broker ID ${request.brokerId} is not currently registered`;
      return refuse(ErrorCode.BROKER_ID_NOT_REGISTERED, message);
    }
    const { index } = this.#state;
    const data = newUnregisterBrokerRecord({ brokerId: broker.id, brokerEpoch: BigInt(broker.epoch) });
    const records: MetadataRecord[] = [
      ...this.#leadership.shiftRecords(index.isr.get(broker.id), { leaving: broker.id }),
      ...this.#leadership.shiftRecords(index.elr.get(broker.id), { leaving: broker.id }),
      { type: 'UnregisterBrokerRecord', version: 0, data },
    ];
    return decide(records, newUnregisterBrokerResponse({ errorMessage: '' }));
  }

  /** Takes a former incarnation out of its partitions; one that stopped uncleanly may have lost data. */
  shutdownRecords(brokerId: number, isCleanShutdown: boolean): MetadataRecord[] {
    const { index, elrEnabled } = this.#state;
    if (!elrEnabled || isCleanShutdown) {
      return this.#leadership.shiftRecords(index.isr.get(brokerId), { leaving: brokerId });
    }
    return [
      ...this.#leadership.shiftRecords(index.isr.get(brokerId), { uncleanlyStopped: brokerId }),
      ...this.#leadership.shiftRecords(index.elr.get(brokerId), { uncleanlyStopped: brokerId }),
    ];
  }

  #transition(broker: BrokerRegistration, next: BrokerControlState): MetadataRecord[] {
    if (next === 'UNFENCED') return this.#unfence(broker);
    return next === 'CONTROLLED_SHUTDOWN' ? this.#beginControlledShutdown(broker) : this.#fence(broker);
  }

  #fence(broker: BrokerRegistration): MetadataRecord[] {
    return [
      ...this.#leadership.shiftRecords(this.#state.index.isr.get(broker.id), { leaving: broker.id }),
      brokerChange(broker, 0, { fenced: FencingChange.FENCE }),
    ];
  }

  #unfence(broker: BrokerRegistration): MetadataRecord[] {
    return [
      brokerChange(broker, 0, { fenced: FencingChange.UNFENCE }),
      ...this.#leadership.shiftRecords(this.#state.index.led.get(NO_LEADER), { joining: broker.id }),
    ];
  }

  #beginControlledShutdown(broker: BrokerRegistration): MetadataRecord[] {
    const records: MetadataRecord[] = [];
    if (!broker.inControlledShutdown) {
      records.push(brokerChange(broker, 1, { inControlledShutdown: ControlledShutdownChange.IN_CONTROLLED_SHUTDOWN }));
    }
    const partitions = this.#state.index.isr.get(broker.id);
    return [...records, ...this.#leadership.shiftRecords(partitions, { leaving: broker.id })];
  }

  #directoryRecords(broker: BrokerRegistration, request: BrokerHeartbeatRequest): MetadataRecord[] {
    const { metadataVersion } = this.#state;
    const records: MetadataRecord[] = [];
    if (isDirectoryAssignmentSupported(metadataVersion)) {
      records.push(...this.#offlineDirectoryRecords(broker, request.offlineLogDirs));
    }
    const { cordonedLogDirs } = request;
    if (isCordonedLogDirsSupported(metadataVersion) && cordonedLogDirs !== null) {
      if (!isSameSet(broker.cordonedDirectories, cordonedLogDirs)) {
        records.push(brokerChange(broker, 3, { cordonedLogDirs: [...cordonedLogDirs] }));
      }
    }
    return records;
  }

  #offlineDirectoryRecords(broker: BrokerRegistration, offline: readonly Uuid[]): MetadataRecord[] {
    const newlyOffline = broker.directories.filter((id) => offline.includes(id));
    if (newlyOffline.length === 0) return [];
    const online = broker.directories.filter((id) => !offline.includes(id));
    return [
      ...newlyOffline.flatMap((id) =>
        this.#leadership.shiftRecords(this.#state.index.directory.get(id), { leaving: broker.id }),
      ),
      brokerChange(broker, 2, { logDirs: online }),
    ];
  }
}

function brokerChange(
  broker: BrokerRegistration,
  version: number,
  fields: Partial<BrokerRegistrationChangeRecord>,
): MetadataRecord {
  const epoch = { brokerId: broker.id, brokerEpoch: BigInt(broker.epoch) };
  const data = newBrokerRegistrationChangeRecord({ ...epoch, ...fields });
  return { type: 'BrokerRegistrationChangeRecord', version, data };
}

function isSameSet(a: readonly Uuid[] | null, b: readonly Uuid[]): boolean {
  return a !== null && new Set([...a, ...b]).size === new Set(a).size && new Set(b).size === new Set(a).size;
}
