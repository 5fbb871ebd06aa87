/**
 * Client quotas by entity: combinations of user and client id, or an IP address. A null name is the default of its type.
 *
 * Source: org.apache.kafka.image.ClientQuotasImage, org.apache.kafka.common.quota.ClientQuotaEntity; KIP-546, KIP-612.
 */
import { newClientQuotaRecord } from '@skarab/protocol';
import type { MetadataRecord } from '../record/metadata-record.ts';

/** Entity types. */
export const QuotaEntityType = { USER: 'user', CLIENT_ID: 'client-id', IP: 'ip' } as const;

/** Entity type → name; null stands for the default entity of the type. */
export type QuotaEntity = ReadonlyMap<string, string | null>;

/** An entity with its quotas. */
export interface ClientQuotaImage {
  readonly entity: QuotaEntity;
  readonly quotas: ReadonlyMap<string, number>;
}

/** All entities that have quotas, by `quotaEntityKey`. */
export interface ClientQuotasImage {
  readonly entities: ReadonlyMap<string, ClientQuotaImage>;
}

/** No quotas. */
export const EMPTY_CLIENT_QUOTAS: ClientQuotasImage = { entities: new Map() };

/** The structs in which messages carry an entity. */
export function quotaEntityOf(parts: readonly { entityType: string; entityName: string | null }[]): QuotaEntity {
  return new Map(parts.map((part) => [part.entityType, part.entityName]));
}

/** An entity as the structs of messages. */
export function quotaEntityStructs(entity: QuotaEntity): { entityType: string; entityName: string | null }[] {
  return [...entity].map(([entityType, entityName]) => ({ entityType, entityName }));
}

/** A text that is the same for equal entities, whatever the order of their parts. */
export function quotaEntityKey(entity: QuotaEntity): string {
  return JSON.stringify([...entity].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The record that sets (or, with null, removes) one quota. */
export function clientQuotaRecord(entity: QuotaEntity, key: string, value: number | null): MetadataRecord {
  const data = newClientQuotaRecord({
    entity: quotaEntityStructs(entity),
    key,
    value: value ?? 0,
    remove: value === null,
  });
  return { type: 'ClientQuotaRecord', version: 0, data };
}

/** The records of the image. */
export function* clientQuotaRecords(image: ClientQuotasImage): Generator<MetadataRecord> {
  for (const { entity, quotas } of image.entities.values()) {
    for (const [key, value] of quotas) yield clientQuotaRecord(entity, key, value);
  }
}
