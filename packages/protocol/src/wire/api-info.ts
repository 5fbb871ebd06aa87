/**
 * What is known of an API without its messages.
 */

/** Lowest and highest version. */
export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** Where an API is served. */
export type ApiListener = 'broker' | 'controller';

/** One row of the API table. */
export interface ApiInfo {
  readonly key: number;
  /** As in the names of its messages: 'ListOffsets'. */
  readonly name: string;
  readonly validVersions: VersionRange;
  /** Versions with compact lengths and tagged fields; null: none. */
  readonly flexibleVersions: VersionRange | null;
  /** The highest version is not final and is hidden unless unstable versions are enabled. */
  readonly latestVersionUnstable: boolean;
  readonly listeners: readonly ApiListener[];
  /** Only for brokers and controllers among themselves: needs ClusterAction on the cluster. */
  readonly clusterAction: boolean;
  /** A broker passes the request on to the active controller. */
  readonly forwardable: boolean;
}
