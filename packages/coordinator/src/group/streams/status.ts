/**
 * What a heartbeat tells a member beside its tasks.
 *
 * Source: org.apache.kafka.common.requests.StreamsGroupHeartbeatResponse.Status.
 */

/** The codes of `Status`. */
export const StreamsStatus = {
  STALE_TOPOLOGY: 0,
  MISSING_SOURCE_TOPICS: 1,
  INCORRECTLY_PARTITIONED_TOPICS: 2,
  MISSING_INTERNAL_TOPICS: 3,
  SHUTDOWN_APPLICATION: 4,
  ASSIGNMENT_DELAYED: 5,
} as const;
export type StreamsStatus = (typeof StreamsStatus)[keyof typeof StreamsStatus];

/** A status with its words. */
export interface TopologyStatus {
  readonly code: StreamsStatus;
  readonly detail: string;
}
