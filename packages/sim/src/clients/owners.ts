/**
 * Who owns the partitions of a topic, as the members of a group were told, and what became of the records.
 *
 * A member owns a partition from when it is told so, until it has given it up, or was told that it is no member any more, or has not heard from the
 * coordinator for its session timeout. Meanwhile nobody else is to be told the same.
 */
import assert from 'node:assert/strict';

/** Somebody who may own something. */
export interface Owner {
  readonly name: string;
  /** Of a static member. */
  readonly instanceId: string | null;
  /** The epoch, or generation, that it is in. */
  readonly memberEpoch: number;
  /** Whether what it owns is its own, at a time that has elapsed and when somebody is in an epoch of the group who would have it. */
  isOwnerAt(nowMs: number, groupEpoch: number): boolean;
}

interface OwnedPartition {
  owner: Owner | undefined;
  /** Everything before it was delivered to somebody. */
  deliveredEnd: number;
  /** The greatest that a coordinator has acknowledged, or told of. */
  committed: number;
  /** What was asked for and not answered: it may take effect whenever it arrives, also after a later commit. */
  readonly unanswered: Set<number>;
}

export class Owners {
  readonly #topic: string;
  readonly #partitions: readonly OwnedPartition[];
  readonly #nowMs: () => number;
  /** The last one who came with each instance id to take the place of whoever had it. */
  readonly #replacements = new Map<string, Owner>();

  constructor(topic: string, partitions: number, nowMs: () => number) {
    this.#topic = topic;
    this.#nowMs = nowMs;
    this.#partitions = Array.from({ length: partitions }, () => ({
      owner: undefined,
      deliveredEnd: 0,
      committed: 0,
      unanswered: new Set(),
    }));
  }

  /** Errors: AssertionError when somebody else owns the partition. */
  take(partition: number, owner: Owner): void {
    const at = this.#partitions[partition]!;
    const nowMs = this.#nowMs();
    const before = at.owner;
    if (before !== undefined && before !== owner && before.isOwnerAt(nowMs, owner.memberEpoch))
      assert.fail(`${this.#topic}-${partition} is given to ${owner.name} at ${nowMs}, and ${before.name} owns it`);
    at.owner = owner;
  }

  giveUp(partition: number, owner: Owner): void {
    const at = this.#partitions[partition]!;
    if (at.owner === owner) at.owner = undefined;
  }

  /** Somebody may be in the place of who had the same instance id, from now on. */
  replaceBy(owner: Owner): void {
    const { instanceId } = owner;
    if (instanceId === null) return;
    this.#replacements.set(instanceId, owner);
    for (const at of this.#partitions) if (at.owner?.instanceId === instanceId) at.owner = undefined;
  }

  isReplaced(owner: Owner): boolean {
    const { instanceId } = owner;
    return instanceId !== null && (this.#replacements.get(instanceId) ?? owner) !== owner;
  }

  /** What was acknowledged of commits until now: nothing older may be found from now on. */
  committedOf(partition: number): number {
    return this.#partitions[partition]!.committed;
  }

  /** Everything before it was delivered. */
  deliveredEndOf(partition: number): number {
    return this.#partitions[partition]!.deliveredEnd;
  }

  /** A member found a position, not before `atLeast` was acknowledged. Errors: AssertionError when records are left out, or it went back. */
  foundPosition(partition: number, position: number, atLeast: number): void {
    const { deliveredEnd, unanswered } = this.#partitions[partition]!;
    const name = `${this.#topic}-${partition}`;
    const isKnown = position >= atLeast || unanswered.has(position);
    assert.ok(isKnown, `${name}: ${atLeast} was committed, and ${position} is found`);
    assert.ok(position <= deliveredEnd, `${name}: ${position} is found, and nobody has had ${deliveredEnd}`);
    this.commit(partition, position);
  }

  /** Errors: AssertionError when it is not what was written there, or something was left out. */
  deliver(partition: number, offset: number, value: string): void {
    const at = this.#partitions[partition]!;
    assert.equal(value, `${this.#topic}-${partition}-${offset}`);
    assert.ok(offset <= at.deliveredEnd, `${value} is delivered, and nobody has had ${at.deliveredEnd}`);
    at.deliveredEnd = Math.max(at.deliveredEnd, offset + 1);
  }

  /** Nobody has answered a commit. */
  loseCommit(partition: number, offset: number): void {
    this.#partitions[partition]!.unanswered.add(offset);
  }

  /** A coordinator has acknowledged a commit, or told of one. */
  commit(partition: number, offset: number): void {
    const at = this.#partitions[partition]!;
    at.committed = Math.max(at.committed, offset);
  }
}
