/**
 * Registered brokers and controllers.
 *
 * Source: org.apache.kafka.image.ClusterImage.
 */
import { isControllerRegistrationSupported } from '../feature/metadata-version.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import { type BrokerRegistration, brokerToRecord } from '../registration/broker-registration.ts';
import { type ControllerRegistration, controllerToRecord } from '../registration/controller-registration.ts';
import type { ImageWriterOptions } from '../registration/partition-registration.ts';

/** The nodes of the cluster by id. */
export interface ClusterImage {
  readonly brokers: ReadonlyMap<number, BrokerRegistration>;
  readonly controllers: ReadonlyMap<number, ControllerRegistration>;
}

/** No nodes. */
export const EMPTY_CLUSTER: ClusterImage = { brokers: new Map(), controllers: new Map() };

/** The epoch of a broker, or -1 when it is not registered. */
export function brokerEpochOf(cluster: ClusterImage, brokerId: number): number {
  return cluster.brokers.get(brokerId)?.epoch ?? -1;
}

/** True when the broker is registered, not fenced and not shutting down. */
export function isActiveBroker(cluster: ClusterImage, brokerId: number): boolean {
  const broker = cluster.brokers.get(brokerId);
  return broker !== undefined && !broker.fenced && !broker.inControlledShutdown;
}

/** The records of the image. */
export function* clusterRecords(cluster: ClusterImage, options: ImageWriterOptions): Generator<MetadataRecord> {
  for (const broker of cluster.brokers.values()) yield brokerToRecord(broker, options);
  if (!isControllerRegistrationSupported(options.metadataVersion)) return;
  for (const controller of cluster.controllers.values()) yield controllerToRecord(controller);
}
