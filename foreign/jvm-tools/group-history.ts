/**
 * What became of a group and its partitions, from what its members and those who looked on tell: who owned what, and whether that is as it should be.
 *
 * A member owns a partition from when it is told so until it has given it up, or was killed. One that is told that it has lost the partition owned it
 * until it last did something with it, and never if it did nothing: it could not know sooner that it was no member any more. What a consumer delivers
 * that has just awoken from a stall does not count, nor what it is told then, until it uses it: the Java consumer first goes on with what it had before, and
 * learns only then that it is no member. Nor does what a member does that is doomed: somebody else has its group.instance.id now, and it is to be fenced.
 */
import { type GroupEvent, offsetsOf } from './group-events.ts';

/** A time during which a member owns a partition. */
interface Ownership {
  readonly member: string;
  readonly partition: number;
  fromMs: number;
  /** Whether it was told so just after a stall, and has not used it since: it may be old news. */
  isDoubtful: boolean;
  /** Infinity while it does. */
  untilMs: number;
  /** When it last delivered or committed, or began. */
  lastMs: number;
}

const UNTOLD: ReadonlySet<string> = new Set(['delivered', 'committed', 'found']);

/** What nobody is told who is no member any more. */
const AWAKENING: ReadonlySet<string> = new Set(['generation', 'committed']);

/** A group as it was at the end of some events. */
export class GroupHistory {
  /** In words, what must not be. */
  readonly violations: string[] = [];
  /** Generations, or member epochs, of those who are in the group. */
  readonly generations = new Map<string, number>();
  highestGeneration = 0;
  /** When it last changed who owns what, or a member's generation did. */
  changedMs = 0;
  /** What members were told, a line each. */
  readonly told: string[] = [];
  /** Records that were delivered, each as often as it was. */
  delivered = 0;
  /** How many of them by somebody who had just awoken or was doomed, and may not own the partition any more. */
  deliveredLate = 0;
  /** How often a member was told that it has lost partitions. */
  lost = 0;
  /** How often someone looked at what is committed. */
  looks = 0;
  readonly #ownerships: Ownership[] = [];
  /** Those that last, by member and partition. */
  readonly #owned = new Map<string, Ownership>();
  /** Those who have stalled and have not heard of the group as it is now. */
  readonly #drowsy = new Set<string>();
  /** Those who must be fenced. */
  readonly #doomed = new Set<string>();
  readonly #deliveredEnds = new Map<number, number>();
  readonly #committed = new Map<number, number>();
  readonly #acknowledged = new Map<number, number>();

  /** `events` of all kinds and groups, in any order. */
  constructor(group: string, events: readonly GroupEvent[]) {
    const own = events.filter((event) => event.group === group);
    for (const event of own.sort(inOrder)) this.#take(event);
    this.#findOverlaps();
  }

  /** Whether each partition has one owner, who is a member, and all members are in the same generation. */
  isStable(members: readonly string[], partitions: number): boolean {
    const owned = new Set([...this.#owned.values()].map(({ partition }) => partition));
    const generations = new Set(members.map((member) => this.generations.get(member)));
    return (
      this.#owned.values().every(({ member }) => members.includes(member)) &&
      owned.size === partitions &&
      this.#owned.size === partitions &&
      generations.size === 1 &&
      !generations.has(undefined)
    );
  }

  /** Whether everything before these ends was delivered, and that is committed. */
  isDone(ends: ReadonlyMap<number, number>): boolean {
    return [...ends].every(([at, end]) => this.#deliveredEnds.get(at) === end && this.#committed.get(at) === end);
  }

  /** The longest time for which a partition had no owner between two. */
  get longestGapMs(): number {
    let longest = 0;
    for (const owned of this.#byPartition().values()) {
      let freeMs = owned[0]!.fromMs;
      for (const { fromMs, untilMs } of owned) {
        longest = Math.max(longest, fromMs - freeMs);
        freeMs = Math.max(freeMs, untilMs);
      }
    }
    return longest;
  }

  #take(event: GroupEvent): void {
    const { what, member, atMs, words } = event;
    if (!UNTOLD.has(what)) this.told.push([atMs, member, what, ...words].join(' '));
    if (AWAKENING.has(what)) this.#drowsy.delete(member);
    switch (what) {
      case 'assigned':
        for (const word of words) this.#begin(member, Number(word), atMs);
        break;
      case 'revoked':
        for (const word of words) this.#end(member, Number(word), atMs);
        break;
      case 'lost':
        this.#lose(member, atMs);
        break;
      case 'generation':
        this.#changeGeneration(event);
        break;
      case 'delivered':
        this.#deliver(event);
        break;
      case 'committed':
        this.#commit(event);
        break;
      case 'found':
        this.#find(event);
        break;
      case 'awoke':
        this.#drowsy.add(member);
        break;
      case 'doomed':
        this.#doomed.add(member);
        break;
      case 'fenced':
        this.#fence(event);
        break;
      case 'left':
      case 'killed':
        this.#leave(member, what, atMs);
        break;
      default:
        this.#violate(atMs, `${member} ${what} ${words.join(' ')}`);
    }
  }

  #begin(member: string, partition: number, atMs: number): void {
    this.changedMs = atMs;
    const key = keyOf(member, partition);
    if (this.#owned.has(key)) this.#violate(atMs, `${member} is given ${partition}, which it has`);
    const isDoubtful = this.#drowsy.has(member);
    const untilMs = Number.POSITIVE_INFINITY;
    const ownership = { member, partition, fromMs: atMs, isDoubtful, untilMs, lastMs: atMs };
    this.#ownerships.push(ownership);
    this.#owned.set(key, ownership);
  }

  #end(member: string, partition: number, atMs: number, isLost = this.#isLate(member)): void {
    this.changedMs = atMs;
    const key = keyOf(member, partition);
    const owned = this.#owned.get(key);
    if (owned === undefined) this.#violate(atMs, `${member} gives up ${partition}, which it does not have`);
    else owned.untilMs = isLost || owned.isDoubtful ? owned.lastMs : atMs;
    this.#owned.delete(key);
  }

  /** It is no member any more, and has nothing; it may be told only of some of that, or of what it has given up already. */
  #lose(member: string, atMs: number): void {
    this.lost++;
    for (const partition of this.#ownedBy(member)) this.#end(member, partition, atMs, true);
  }

  #fence({ member, atMs, words }: GroupEvent): void {
    this.generations.delete(member);
    for (const partition of this.#ownedBy(member)) this.#end(member, partition, atMs, true);
    if (!this.#doomed.has(member)) this.#violate(atMs, `${member} is fenced ${words.join(' ')}`);
  }

  /** What it does may not be up to it any more, and it cannot know. */
  #isLate(member: string): boolean {
    return this.#drowsy.has(member) || this.#doomed.has(member);
  }

  #leave(member: string, what: string, atMs: number): void {
    this.generations.delete(member);
    for (const partition of this.#ownedBy(member)) {
      if (what === 'left') this.#violate(atMs, `${member} has left, and has not given up ${partition}`);
      this.#end(member, partition, atMs);
    }
  }

  #ownedBy(member: string): number[] {
    return [...this.#owned.values()].filter((owned) => owned.member === member).map(({ partition }) => partition);
  }

  /** A member does something with a partition. */
  #use(member: string, partition: number, atMs: number, what: string): void {
    const owned = this.#owned.get(keyOf(member, partition));
    if (owned === undefined) this.#violate(atMs, `${member} has ${what} of ${partition}, which it does not own`);
    else if (!this.#isLate(member)) {
      owned.lastMs = atMs;
      if (owned.isDoubtful) owned.fromMs = atMs;
      owned.isDoubtful = false;
    }
  }

  #changeGeneration({ member, atMs, words }: GroupEvent): void {
    const generation = Number(words[0]);
    this.changedMs = atMs;
    this.generations.set(member, generation);
    this.highestGeneration = Math.max(this.highestGeneration, generation);
  }

  #deliver({ member, atMs, words }: GroupEvent): void {
    const [partition, first, next] = words.map(Number) as [number, number, number];
    const end = this.#deliveredEnds.get(partition) ?? 0;
    this.#use(member, partition, atMs, `records from ${first}`);
    if (first > end) this.#violate(atMs, `${member} has ${partition}-${first}, and nobody has had ${end}`);
    this.#deliveredEnds.set(partition, Math.max(end, next));
    this.delivered += next - first;
    if (this.#isLate(member)) this.deliveredLate += next - first;
  }

  #commit({ member, atMs, words }: GroupEvent): void {
    const [partition, offset] = words.map(Number) as [number, number];
    this.#use(member, partition, atMs, `committed ${offset}`);
    this.#acknowledged.set(partition, Math.max(this.#acknowledged.get(partition) ?? 0, offset));
  }

  /** Someone looked at what is committed: never less than before, nor than was acknowledged before the look began. */
  #find(event: GroupEvent): void {
    const found = offsetsOf(event);
    this.looks++;
    for (const before of [this.#committed, this.#acknowledged])
      for (const [partition, offset] of before)
        if ((found.get(partition) ?? 0) < offset)
          this.#violate(event.atMs, `${offset} of ${partition} is committed, ${found.get(partition)} is found`);
    for (const [partition, offset] of found) this.#committed.set(partition, offset);
  }

  #byPartition(): Map<number, Ownership[]> {
    const inTime = this.#ownerships.toSorted((a, b) => a.fromMs - b.fromMs);
    return Map.groupBy(inTime, ({ partition }) => partition);
  }

  #findOverlaps(): void {
    for (const owned of this.#byPartition().values()) {
      for (const [i, later] of owned.entries()) {
        if (later.isDoubtful || later.fromMs === later.untilMs) continue;
        const other = owned.slice(0, i).find((one) => !one.isDoubtful && one.untilMs > later.fromMs);
        if (other === undefined) continue;
        const { member, partition, fromMs } = later;
        this.#violate(fromMs, `${member} is given ${partition}, and ${other.member} owns it until ${other.untilMs}`);
      }
    }
  }

  #violate(atMs: number, text: string): void {
    this.violations.push(`${atMs}: ${text}`);
  }
}

/** By time; what is told of the same millisecond by one process stays in its order, and what is acknowledged in it is no promise to a look. */
function inOrder(a: GroupEvent, b: GroupEvent): number {
  return timeOf(a) - timeOf(b);
}

function timeOf({ what, atMs }: GroupEvent): number {
  return what === 'found' ? atMs - 0.5 : atMs;
}

function keyOf(member: string, partition: number): string {
  return `${member} ${partition}`;
}
