/**
 * Which quota holds for a client, and with whom it shares it.
 *
 * The most precise of eight entities counts, from user and client id down to the default client id. Whom an entity with a user names
 * shares nothing with other users, whom an entity with a client id names shares nothing with other client ids; defaults too are given to each for itself.
 * Source: org.apache.kafka.server.quota.ClientQuotaManager; KIP-55.
 */
import { type ClientQuotasImage, QuotaEntityType } from '../image/client-quotas-image.ts';

/** Who asks. Without a client id only quotas of users hold. */
export interface QuotaClient {
  /** Name of the principal. */
  readonly user: string;
  readonly clientId: string | null;
}

/** A quota as it holds for a client. */
export interface ClientQuotaLimit {
  readonly limit: number;
  /** The same for all who share the quota. */
  readonly sharedBy: string;
}

/** Names as in entities, with `undefined` for the types that an entity does not have. */
type Name = string | null | undefined;

/** The quotas of one key, as `producer_byte_rate`. */
export class ClientQuotaLimits {
  readonly #byUser = new Map<Name, Map<Name, number>>();

  constructor(image: ClientQuotasImage, key: string) {
    for (const { entity, quotas } of image.entities.values()) {
      const limit = quotas.get(key);
      if (limit === undefined || entity.has(QuotaEntityType.IP)) continue;
      const user = entity.get(QuotaEntityType.USER);
      const ofUser = this.#byUser.get(user) ?? new Map<Name, number>();
      this.#byUser.set(user, ofUser.set(entity.get(QuotaEntityType.CLIENT_ID), limit));
    }
  }

  /** True when nobody has a quota. */
  get isEmpty(): boolean {
    return this.#byUser.size === 0;
  }

  /** The quota that holds, if any. */
  find({ user, clientId }: QuotaClient): ClientQuotaLimit | undefined {
    const hasClientId = clientId !== null && clientId !== '';
    const clients: readonly Name[] = hasClientId ? [clientId, null, undefined] : [undefined];
    for (const userName of [user, null, undefined]) {
      const limits = this.#byUser.get(userName);
      if (limits === undefined) continue;
      for (const client of clients) {
        const limit = limits.get(client);
        if (limit === undefined) continue;
        const sharers = [userName === undefined ? null : user, client === undefined ? null : clientId];
        return { limit, sharedBy: JSON.stringify(sharers) };
      }
    }
    return undefined;
  }
}
