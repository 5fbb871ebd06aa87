/**
 * What the deciders of one shard work on.
 */
import type { Logger, Random } from '@skarab/base';
import type { ShardTimers } from '../runtime/coordinator-shard.ts';
import type { Decision } from '../runtime/decision.ts';
import type { GroupCoordinatorConfig } from './group-coordinator-config.ts';
import type { GroupRegistry } from './group-registry.ts';
import type { OffsetStore } from './offsets/offset-store.ts';
import type { GroupRecord } from './records/group-record.ts';

/** State, timers and settings that every decider shares. */
export interface ShardParts {
  readonly registry: GroupRegistry;
  readonly offsets: OffsetStore;
  readonly timers: ShardTimers<GroupRecord>;
  readonly config: GroupCoordinatorConfig;
  readonly random: Random;
  readonly logger: Logger;
  /** What the timer of a classic member's session does. */
  readonly onClassicSessionExpired: (groupId: string, memberId: string, nowMs: number) => Decision<null, GroupRecord>;
}
