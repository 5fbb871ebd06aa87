/**
 * The uniform assignment of a group whose members subscribe to different topics.
 *
 * Members keep what they still subscribe to; free partitions go to the least loaded subscribers, topic by topic; then partitions move from the
 * most to the least loaded until that improves nothing, or for so many rounds.
 * Source: org.apache.kafka.coordinator.group.assignor.UniformHeterogeneousAssignmentBuilder.
 */
import { Buffer } from 'node:buffer';
import { type Uuid, uuidToBytes } from '@skarab/base';
import type { Assignment } from '../consumer/assignment.ts';
import { tableSizeFor } from '../java-hash-order.ts';
import type { GroupAssignment, GroupSpec } from './assignor.ts';
import { MemberBalancer } from './member-balancer.ts';
import { MutableAssignment } from './mutable-assignment.ts';

/** Overlapping subscriptions take long to converge; each round about halves the imbalance. */
const MAX_ROUNDS = 16;
const NOBODY = -1;

/** A topic while it is assigned; members are indexes into the group's list. */
interface Topic {
  readonly id: Uuid;
  readonly idBytes: Buffer;
  /** By partition. */
  readonly owners: number[];
  /** Ascending. */
  readonly subscribers: number[];
}

/** One assignment under way. */
export class UniformHeterogeneousAssignment {
  readonly #group: GroupSpec;
  readonly #topics = new Map<Uuid, Topic>();
  readonly #targets: (Assignment | MutableAssignment)[];
  /** How many partitions each member has. */
  readonly #sizes: number[];
  readonly #balancer: MemberBalancer;

  constructor(group: GroupSpec) {
    this.#group = group;
    this.#targets = group.members.map(({ assignment }) => assignment);
    this.#sizes = group.members.map(() => 0);
    this.#balancer = new MemberBalancer(this.#sizes);
    for (const [index, { topicIds }] of group.members.entries())
      for (const id of topicIds.ids) this.#topicOf(id).subscribers.push(index);
  }

  #topicOf(id: Uuid): Topic {
    let topic = this.#topics.get(id);
    if (topic === undefined) {
      const idBytes = Buffer.alloc(16);
      uuidToBytes(id, idBytes);
      topic = { id, idBytes, owners: Array(this.#group.partitionCount(id)).fill(NOBODY), subscribers: [] };
      this.#topics.set(id, topic);
    }
    return topic;
  }

  build(): GroupAssignment {
    if (this.#topics.size === 0) return new Map();
    this.#keepSubscribed();
    this.#assignFree();
    this.#balance();
    return new Map(
      this.#group.members.map(({ memberId }, index) => {
        const target = this.#targets[index]!;
        return [memberId, target instanceof MutableAssignment ? target.toAssignment() : target];
      }),
    );
  }

  #keepSubscribed(): void {
    for (const [index, { assignment, topicIds }] of this.#group.members.entries())
      for (const [topicId, partitions] of assignment) {
        if (!topicIds.has(topicId)) {
          this.#mutable(index).removeTopic(topicId);
          continue;
        }
        this.#sizes[index]! += partitions.length;
        const { owners } = this.#topics.get(topicId)!;
        for (const partition of partitions) owners[partition] = index;
      }
  }

  #assignFree(): void {
    const free = [...this.#topics.values()].filter(({ owners }) => owners.includes(NOBODY));
    for (const topic of free.sort(compareTopics)) {
      this.#balancer.initialize(topic.subscribers);
      for (const [partition, owner] of topic.owners.entries())
        if (owner === NOBODY) this.#assign(topic, partition, this.#balancer.nextLeastLoaded());
    }
  }

  #balance(): void {
    const topics = [...this.#topics.values()].filter(({ subscribers }) => subscribers.length >= 2).sort(compareTopics);
    let lastChanged: Topic | null = null;
    for (let round = 0; round < MAX_ROUNDS; round++)
      for (const topic of topics) {
        if (topic === lastChanged) return;
        if (this.#balanceTopic(topic) || lastChanged === null) lastChanged = topic;
      }
  }

  /** Moves partitions of a topic from its most to its least loaded subscribers; false when there is nothing to gain. */
  #balanceTopic(topic: Topic): boolean {
    if (this.#balancer.initialize(topic.subscribers) <= 1) return false;
    const byOwner = Map.groupBy(topic.owners.keys(), (partition) => topic.owners[partition]!);
    let isChanged = false;
    while (!this.#balancer.isBalanced) {
      const giver = this.#nextGiver(byOwner);
      if (giver === NOBODY) break;
      const partition = byOwner.get(giver)!.pop()!;
      const taker = this.#balancer.nextLeastLoaded();
      if (this.#balancer.isBalanced) break;
      this.#assign(topic, partition, taker);
      isChanged = true;
    }
    return isChanged;
  }

  #nextGiver(byOwner: ReadonlyMap<number, readonly number[]>): number {
    for (;;) {
      const giver = this.#balancer.nextMostLoaded();
      if (giver === NOBODY || (byOwner.get(giver)?.length ?? 0) > 0) return giver;
      this.#balancer.excludeMostLoaded();
    }
  }

  #assign(topic: Topic, partition: number, member: number): void {
    const { id, owners, subscribers } = topic;
    const owner = owners[partition]!;
    if (owner !== NOBODY) {
      this.#mutable(owner).remove(id, partition);
      this.#sizes[owner]!--;
    }
    const expected = Math.floor((owners.length + subscribers.length - 1) / subscribers.length);
    this.#mutable(member).add(id, partition, tableSizeFor(Math.trunc(expected / 0.75 + 1)));
    owners[partition] = member;
    this.#sizes[member]!++;
  }

  #mutable(member: number): MutableAssignment {
    const target = this.#targets[member]!;
    if (target instanceof MutableAssignment) return target;
    const copy = new MutableAssignment(target);
    this.#targets[member] = copy;
    return copy;
  }
}

/** By partitions per subscriber, most first; then by subscribers, fewest first; then by id. */
function compareTopics(a: Topic, b: Topic): number {
  const order = b.owners.length / b.subscribers.length - a.owners.length / a.subscribers.length;
  return order || a.subscribers.length - b.subscribers.length || compareIds(a.idBytes, b.idBytes);
}

/** Ids are ordered as two signed longs. */
function compareIds(a: Buffer, b: Buffer): number {
  for (const at of [0, 8]) {
    const x = a.readBigInt64BE(at);
    const y = b.readBigInt64BE(at);
    if (x !== y) return x < y ? -1 : 1;
  }
  return 0;
}
