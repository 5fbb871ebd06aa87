/**
 * What clients do in a run, and what must come of it.
 */
export interface Workload {
  /** Makes what the clients need and starts them. Errors: Error when that takes too long. */
  open(): Promise<void>;
  /**
   * Everything works again: the clients come to their ends, and what is left is looked at. Errors: what must not be.
   */
  close(): Promise<void>;
  /** How much of the work was acknowledged until now. */
  readonly acknowledged: number;
}

/** Configurations of topics beside those that every run has. */
export type TopicConfigs = Readonly<Record<string, string>>;

/** After everything is mended, all partitions have leaders and take writes within this time. */
export const RECOVERY_MS = 30_000;
/** The first process of the network that is a client. */
export const FIRST_CLIENT = 100;
