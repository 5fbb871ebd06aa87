/**
 * Client quotas set and removed since an image.
 *
 * Source: org.apache.kafka.image.ClientQuotasDelta, ClientQuotaDelta.
 */
import type { ClientQuotaRecord } from '@skarab/protocol';
import {
  type ClientQuotaImage,
  type ClientQuotasImage,
  type QuotaEntity,
  quotaEntityKey,
  quotaEntityOf,
} from '../image/client-quotas-image.ts';
import { applyChanges, type Changes, removeUnmentioned } from './map-changes.ts';

/** What changed for one entity. */
export interface ClientQuotaChanges {
  readonly entity: QuotaEntity;
  readonly changes: Changes<string, number>;
}

/** Changes of client quotas, by `quotaEntityKey`. */
export class ClientQuotasDelta {
  /** The quotas before. */
  readonly image: ClientQuotasImage;
  readonly changes = new Map<string, ClientQuotaChanges>();

  constructor(image: ClientQuotasImage) {
    this.image = image;
  }

  replayClientQuota(record: ClientQuotaRecord): void {
    this.#changesOf(quotaEntityOf(record.entity)).set(record.key, record.remove ? null : record.value);
  }

  finishSnapshot(): void {
    for (const { entity, quotas } of this.image.entities.values()) {
      removeUnmentioned(quotas.keys(), this.#changesOf(entity));
    }
  }

  /** The quotas as they are now; entities without quotas are gone. */
  apply(): ClientQuotasImage {
    const entities: Changes<string, ClientQuotaImage> = new Map();
    for (const [key, { entity, changes }] of this.changes) {
      const quotas = applyChanges(this.image.entities.get(key)?.quotas ?? new Map<string, number>(), changes);
      entities.set(key, quotas.size === 0 ? null : { entity, quotas });
    }
    return { entities: applyChanges(this.image.entities, entities) };
  }

  #changesOf(entity: QuotaEntity): Changes<string, number> {
    const key = quotaEntityKey(entity);
    let entry = this.changes.get(key);
    if (entry === undefined) {
      entry = { entity, changes: new Map() };
      this.changes.set(key, entry);
    }
    return entry.changes;
  }
}
