/**
 * Which APIs and versions this node serves: exactly the registered handlers, in the versions of Kafka 4.3.1's API table.
 *
 * What is not registered is not advertised. Unstable last versions are hidden unless `unstable.api.versions.enable` is set.
 */
import { ApiKey, apiInfo } from '@skarab/protocol';
import type { AnyApiHandler } from './api-handler.ts';

/** One line of the advertised table. */
export interface ServedApi {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** Only brokers and controllers ask for it. */
  readonly isClusterAction: boolean;
  readonly handler: AnyApiHandler;
}

/** Produce is advertised from version 0, which librdkafka wants to see, though only version 3 and later are served (KAFKA-18659). */
const PRODUCE_ADVERTISED_MIN_VERSION = 0;

export class ServedApis {
  readonly #byKey = new Map<number, ServedApi>();

  constructor(handlers: readonly AnyApiHandler[], unstableVersions: boolean) {
    for (const handler of [...handlers].sort((a, b) => a.apiKey - b.apiKey)) {
      const info = apiInfo(handler.apiKey);
      if (info === undefined) throw new Error(`no API has key ${handler.apiKey}`);
      const hidesLast = info.latestVersionUnstable && !unstableVersions;
      this.#byKey.set(handler.apiKey, {
        apiKey: handler.apiKey,
        minVersion: info.validVersions.min,
        maxVersion: info.validVersions.max - (hidesLast ? 1 : 0),
        isClusterAction: info.clusterAction,
        handler,
      });
    }
  }

  /** The handler's row, if the API is served at all. */
  get(apiKey: number): ServedApi | undefined {
    return this.#byKey.get(apiKey);
  }

  /** Whether a request of this version is served. */
  serves(apiKey: number, version: number): boolean {
    const api = this.#byKey.get(apiKey);
    return api !== undefined && version >= api.minVersion && version <= api.maxVersion;
  }

  /** The table as ApiVersions answers it, ordered by key. */
  advertised(): { readonly apiKey: number; readonly minVersion: number; readonly maxVersion: number }[] {
    return [...this.#byKey.values()].map(({ apiKey, minVersion, maxVersion }) => ({
      apiKey,
      minVersion: apiKey === ApiKey.PRODUCE ? PRODUCE_ADVERTISED_MIN_VERSION : minVersion,
      maxVersion,
    }));
  }
}
