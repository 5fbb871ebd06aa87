/**
 * Which version of each API two sides speak: the highest that both know.
 *
 * Source: org.apache.kafka.clients.NodeApiVersions.
 */
import { apiInfo } from '@skarab/protocol';

/** One line of what a node serves. */
export interface ServedVersions {
  readonly apiKey: number;
  readonly minVersion: number;
  readonly maxVersion: number;
}

export class ApiVersionsTable {
  readonly #served: ReadonlyMap<number, ServedVersions>;

  constructor(served: readonly ServedVersions[]) {
    this.#served = new Map(served.map((line) => [line.apiKey, line]));
  }

  /** The highest version that both know, at most `maxVersion`; undefined when there is none. */
  highestCommon(apiKey: number, maxVersion = Number.POSITIVE_INFINITY): number | undefined {
    const ours = apiInfo(apiKey);
    const theirs = this.#served.get(apiKey);
    if (ours === undefined || theirs === undefined) return undefined;
    const ourMax = ours.validVersions.max - (ours.latestVersionUnstable ? 1 : 0);
    const version = Math.min(ourMax, theirs.maxVersion, maxVersion);
    return version >= Math.max(ours.validVersions.min, theirs.minVersion) ? version : undefined;
  }
}
