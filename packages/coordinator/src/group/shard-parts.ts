/**
 * What the deciders of one shard work on.
 */
import type { Logger, Random } from '@skarab/base';
import type { ShardTimers } from '../runtime/coordinator-shard.ts';
import type { Decision } from '../runtime/decision.ts';
import type { Timeline } from '../runtime/timeline.ts';
import type { Assignor } from './assignor/assignor.ts';
import type { ConsumerMember } from './consumer/consumer-member.ts';
import type { GroupConfigs } from './group-configs.ts';
import type { GroupCoordinatorConfig } from './group-coordinator-config.ts';
import type { GroupRegistry } from './group-registry.ts';
import type { SubscribedTopicsIndex } from './metadata/subscribed-topics-index.ts';
import type { OffsetStore } from './offsets/offset-store.ts';
import type { GroupRecord } from './records/group-record.ts';

/** State, timers and settings that every decider shares. */
export interface ShardParts {
  readonly registry: GroupRegistry;
  readonly offsets: OffsetStore;
  /** New groups of consumers live on it. */
  readonly timeline: Timeline;
  /** The cluster's topics, and who subscribes to them. */
  readonly topics: SubscribedTopicsIndex;
  readonly timers: ShardTimers<GroupRecord>;
  readonly config: GroupCoordinatorConfig;
  readonly groupConfigs: GroupConfigs;
  /** By name; the first is the default. */
  readonly assignors: ReadonlyMap<string, Assignor>;
  /** Soft: since when the states of share groups' partitions are being initialized, by group. */
  readonly initializationsSinceMs: Map<string, number>;
  readonly random: Random;
  readonly logger: Logger;
  /** What the timer of a classic member's session does. */
  readonly onClassicSessionExpired: (groupId: string, memberId: string, nowMs: number) => Decision<null, GroupRecord>;
  /** What the timers of consumer group members do: fence a member, if that is still due. */
  readonly onConsumerMemberOverdue: (
    groupId: string,
    memberId: string,
    reason: string,
    isStillDue: (member: ConsumerMember) => boolean,
    nowMs: number,
  ) => Decision<null, GroupRecord>;
}
