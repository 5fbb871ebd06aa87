/**
 * The states of a classic group and the ways between them.
 *
 * ```
 *            members join                all joined, or time is up          leader's assignment committed
 *   Empty ─────────────► PreparingRebalance ─────────────► CompletingRebalance ─────────────► Stable
 *     ▲                    │  ▲         ▲                          │                             │
 *     └── nobody joined ───┘  │         └── a member joins, leaves, expires, or never syncs ─────┘
 *                             └──────────────── the same ──────────┘
 *   any ──► Dead: the shard was unloaded
 * ```
 * Source: org.apache.kafka.coordinator.group.classic.ClassicGroupState.
 */

/** A state, by the name that is listed. */
export type ClassicGroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';

const previousStates: Readonly<Record<ClassicGroupState, readonly ClassicGroupState[]>> = {
  Empty: ['PreparingRebalance'],
  PreparingRebalance: ['Stable', 'CompletingRebalance', 'Empty'],
  CompletingRebalance: ['PreparingRebalance'],
  Stable: ['CompletingRebalance'],
  Dead: ['Stable', 'PreparingRebalance', 'CompletingRebalance', 'Empty', 'Dead'],
};

/** Whether a group may go from one state to another. */
export function canTransition(from: ClassicGroupState, to: ClassicGroupState): boolean {
  return previousStates[to].includes(from);
}

/** What a group that is made of members who have an assignment is in. */
export interface StableGeneration {
  readonly generationId: number;
  readonly protocolType: string;
  readonly currentStateTimestampMs: number;
}
