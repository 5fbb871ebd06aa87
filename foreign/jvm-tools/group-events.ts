/** What java/GroupMembers.java and java/GroupFeed.java tell: a line an event. */

/** Something that happened to a member, or was seen of a group. */
export interface GroupEvent {
  readonly what: string;
  readonly group: string;
  /** `-` when it is not about a member. */
  readonly member: string;
  /** Since the epoch; all processes are on one machine. */
  readonly atMs: number;
  readonly words: readonly string[];
}

/** The event of a line, or undefined when the line is something else. */
export function parseGroupEvent(line: string): GroupEvent | undefined {
  const [what = '', group = '', member = '', at = '', ...words] = line.split(' ');
  return /^\d{13}$/.test(at) ? { what, group, member, atMs: Number(at), words } : undefined;
}

/** What was written, or is committed, of each partition. */
export function offsetsOf({ words }: GroupEvent): Map<number, number> {
  return new Map(words.map((word) => word.split(':').map(Number) as [number, number]));
}
