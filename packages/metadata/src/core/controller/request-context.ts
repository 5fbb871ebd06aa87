/**
 * What the controller knows about a request besides its body. Deciding who may do what is the caller's business: it passes predicates.
 *
 * Source: org.apache.kafka.controller.ControllerRequestContext.
 */
import type { Principal } from '@skarab/security';
import type { ConfigResource } from '../image/configurations-image.ts';
import type { ErrorValue } from './decision.ts';

/** Whose request it is, for a controller in another process, which authorizes it anew. */
export interface RequestOrigin {
  readonly principal: Principal;
  /** Address, as text. */
  readonly host: string;
  readonly clientId: string | null;
}

/** Facts about a request. */
export interface ControllerRequestContext {
  /** API version the client used. */
  readonly requestVersion: number;
  /** Absent when a node asks for itself. */
  readonly origin?: RequestOrigin;
  /**
   * Charges the creation or deletion of partitions to the caller's quota (KIP-599).
   * Returns null, or for how many milliseconds the caller has to wait; the topic is then refused.
   */
  readonly chargePartitionMutations?: (partitionCount: number) => number | null;
}

/** Says of a topic whether the caller may do something to it. */
export type TopicPredicate = (topicName: string) => boolean;

/** What the caller of CreateTopics may do. */
export interface CreateTopicsAccess {
  readonly mayCreate: TopicPredicate;
  /** Topics whose configurations may be shown in the response. */
  readonly mayDescribeConfigs: TopicPredicate;
}

/** What the caller of DeleteTopics may do. */
export interface DeleteTopicsAccess {
  readonly mayDelete: TopicPredicate;
  readonly mayDescribe: TopicPredicate;
}

/** What the caller of AlterConfigs and IncrementalAlterConfigs may do. */
export interface AlterConfigsAccess {
  /** Null when the resource may be altered. */
  readonly reasonForbidden: (resource: ConfigResource) => ErrorValue | null;
  /** True when a broker has checked the request before, so that its paths may be trusted. */
  readonly forwarded: boolean;
}

/** Everything is allowed; for nodes without an authorizer. */
export const UNRESTRICTED: CreateTopicsAccess & DeleteTopicsAccess & AlterConfigsAccess = {
  mayCreate: () => true,
  mayDescribeConfigs: () => true,
  mayDelete: () => true,
  mayDescribe: () => true,
  reasonForbidden: () => null,
  forwarded: true,
};
