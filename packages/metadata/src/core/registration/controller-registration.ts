/**
 * What the cluster knows about one controller (KIP-919): how to reach it and which features it supports.
 *
 * Source: org.apache.kafka.metadata.ControllerRegistration.
 */
import type { Uuid } from '@skarab/base';
import { newRegisterControllerRecord, type RegisterControllerRecord } from '@skarab/protocol';
import type { VersionRange } from '../feature/version-range.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import { featureRanges, featureStructs } from './broker-registration.ts';
import { endpointOf, type RegisteredEndpoint } from './endpoint.ts';

/** A registered controller. */
export interface ControllerRegistration {
  readonly id: number;
  readonly incarnationId: Uuid;
  readonly zkMigrationReady: boolean;
  readonly listeners: ReadonlyMap<string, RegisteredEndpoint>;
  readonly supportedFeatures: ReadonlyMap<string, VersionRange>;
}

/** The controller that `record` registers. */
export function controllerFromRecord(record: RegisterControllerRecord): ControllerRegistration {
  return {
    id: record.controllerId,
    incarnationId: record.incarnationId,
    zkMigrationReady: record.zkMigrationReady,
    listeners: new Map(record.endPoints.map((endpoint) => [endpoint.name, endpointOf(endpoint)])),
    supportedFeatures: featureRanges(record.features),
  };
}

/** The record that registers `controller` as it is. */
export function controllerToRecord(controller: ControllerRegistration): MetadataRecord {
  const data = newRegisterControllerRecord();
  data.controllerId = controller.id;
  data.incarnationId = controller.incarnationId;
  data.zkMigrationReady = controller.zkMigrationReady;
  data.endPoints = [...controller.listeners.values()].map((endpoint) => ({ ...endpoint }));
  data.features = featureStructs(controller.supportedFeatures);
  return { type: 'RegisterControllerRecord', version: 0, data };
}
