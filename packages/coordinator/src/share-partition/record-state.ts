/**
 * The life of a record in a share group.
 *
 * ```
 *   AVAILABLE ──acquire──► ACQUIRED ──accept──► ACKNOWLEDGED
 *       ▲                     │ └─────reject, last delivery───► ARCHIVED
 *       └──release, timeout───┘
 * ```
 * The numbers are those that are persisted. Source: org.apache.kafka.server.share.fetch.RecordState.
 */
export const RecordState = {
  AVAILABLE: 0,
  ACQUIRED: 1,
  ACKNOWLEDGED: 2,
  /** Reserved: nothing enters it, and it is not the end. */
  ARCHIVING: 3,
  ARCHIVED: 4,
} as const;

/** One of them. */
export type RecordState = (typeof RecordState)[keyof typeof RecordState];

const states: ReadonlySet<number> = new Set(Object.values(RecordState));

/** Whether a persisted number is a state. */
export function isRecordState(id: number): id is RecordState {
  return states.has(id);
}

/** Whether the record is done with. */
export function isTerminal(state: RecordState): boolean {
  return state === RecordState.ACKNOWLEDGED || state === RecordState.ARCHIVED;
}

/** Whether a record may go from one state to the other. */
export function canBecome(from: RecordState, to: RecordState): boolean {
  if (from === to || isTerminal(from)) return false;
  return from !== RecordState.AVAILABLE || to === RecordState.ACQUIRED;
}

/** What a consumer says about a record (KIP-932, RENEW of KIP-1222); GAP where there is none. */
export const AcknowledgeType = { GAP: 0, ACCEPT: 1, RELEASE: 2, REJECT: 3, RENEW: 4 } as const;

/** The state that an acknowledgement asks for; RENEW asks for none. */
export const stateAfter: Readonly<Record<number, RecordState>> = {
  [AcknowledgeType.GAP]: RecordState.ARCHIVED,
  [AcknowledgeType.ACCEPT]: RecordState.ACKNOWLEDGED,
  [AcknowledgeType.RELEASE]: RecordState.AVAILABLE,
  [AcknowledgeType.REJECT]: RecordState.ARCHIVED,
};
