/**
 * Brokers and controllers that registered, changed or left since an image.
 *
 * Source: org.apache.kafka.image.ClusterDelta.
 */
import { CorruptDataError } from '@skarab/base';
import type {
  BrokerRegistrationChangeRecord,
  RegisterBrokerRecord,
  RegisterControllerRecord,
  UnregisterBrokerRecord,
} from '@skarab/protocol';
import type { ClusterImage } from '../image/cluster-image.ts';
import { toNumber } from '../int64.ts';
import {
  type BrokerChange,
  type BrokerRegistration,
  brokerChangeOf,
  brokerFromRecord,
  changeBroker,
} from '../registration/broker-registration.ts';
import { type ControllerRegistration, controllerFromRecord } from '../registration/controller-registration.ts';
import { applyChanges, type Changes, removeUnmentioned } from './map-changes.ts';

/** Changes of nodes. */
export class ClusterDelta {
  /** The nodes before. */
  readonly image: ClusterImage;
  readonly changedBrokers: Changes<number, BrokerRegistration> = new Map();
  readonly changedControllers: Changes<number, ControllerRegistration> = new Map();

  constructor(image: ClusterImage) {
    this.image = image;
  }

  /** The broker as it is now. */
  broker(id: number): BrokerRegistration | undefined {
    const changed = this.changedBrokers.get(id);
    return changed === undefined ? this.image.brokers.get(id) : (changed ?? undefined);
  }

  replayRegisterBroker(record: RegisterBrokerRecord): void {
    this.changedBrokers.set(record.brokerId, brokerFromRecord(record));
  }

  replayUnregisterBroker(record: UnregisterBrokerRecord): void {
    this.changedBrokers.set(record.brokerId, null);
  }

  replayRegisterController(record: RegisterControllerRecord): void {
    this.changedControllers.set(record.controllerId, controllerFromRecord(record));
  }

  replayBrokerRegistrationChange(record: BrokerRegistrationChangeRecord): void {
    this.replayChange(record.brokerId, record.brokerEpoch, brokerChangeOf(record));
  }

  /** Applies a change to the incarnation of a broker that has `epoch`. */
  replayChange(brokerId: number, epoch: bigint, change: BrokerChange): void {
    const broker = this.broker(brokerId);
    if (broker === undefined) throw new CorruptDataError(`Tried to change broker ${brokerId}, which is not registered`);
    if (broker.epoch !== toNumber(epoch)) {
      throw new CorruptDataError(`Tried to change broker ${brokerId} at epoch ${epoch}, but it is at ${broker.epoch}`);
    }
    this.changedBrokers.set(brokerId, changeBroker(broker, change));
  }

  finishSnapshot(): void {
    removeUnmentioned(this.image.brokers.keys(), this.changedBrokers);
    removeUnmentioned(this.image.controllers.keys(), this.changedControllers);
  }

  /** The nodes as they are now. */
  apply(): ClusterImage {
    return {
      brokers: applyChanges(this.image.brokers, this.changedBrokers),
      controllers: applyChanges(this.image.controllers, this.changedControllers),
    };
  }
}
