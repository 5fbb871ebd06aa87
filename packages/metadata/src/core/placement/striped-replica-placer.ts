/**
 * Chooses brokers for new partitions: replicas of one partition land in different racks where there are enough, leaders and followers are
 * spread evenly, fenced brokers are used only when the others do not suffice and never lead.
 *
 *     racks      A: 0 1 2   B: 3 4 5   C: 6 7 8          one "stripe" per partition, rotating through racks and within them
 *     partition 0: 0 3 6    partition 1: 4 7 1    partition 2: 8 2 5  …
 *
 * After as many partitions as there are unfenced brokers, all lists are shuffled so that assignments do not repeat.
 * Source: org.apache.kafka.metadata.placement.StripedReplicaPlacer.
 */
import type { Random } from '@skarab/base';

/** A broker that may receive replicas. */
export interface UsableBroker {
  readonly id: number;
  readonly rack: string | null;
  readonly fenced: boolean;
}

/** How many replica lists to produce, and how long. */
export interface PlacementSpec {
  readonly partitionCount: number;
  readonly replicationFactor: number;
}

/** Replica lists in partition order, or why there are none, in Kafka's words. */
export type Placement =
  | { readonly ok: true; readonly assignments: readonly (readonly number[])[] }
  | { readonly ok: false; readonly reason: string };

/** Places `spec` on `brokers`. */
export function placeReplicas(random: Random, spec: PlacementSpec, brokers: Iterable<UsableBroker>): Placement {
  const racks = new RackList(random, brokers);
  const { replicationFactor } = spec;
  if (replicationFactor <= 0) {
    return refuse(`Invalid replication factor ${replicationFactor}: the replication factor must be positive.`);
  }
  if (racks.unfencedCount === 0) {
    return refuse('All brokers are currently fenced, or have all their log directories cordoned.');
  }
  if (replicationFactor > racks.brokerCount) {
    return refuse(
      `The target replication factor of ${replicationFactor} cannot be reached because only ${racks.brokerCount} ` +
        'broker(s) are registered or some brokers have all their log directories cordoned.',
    );
  }
  const assignments = Array.from({ length: spec.partitionCount }, () => racks.place(replicationFactor));
  return { ok: true, assignments };
}

const refuse = (reason: string): Placement => ({ ok: false, reason });

/** Shuffles in place (Fisher and Yates). */
function shuffle<T>(list: T[], random: Random): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [list[i], list[j]] = [list[j]!, list[i]!];
  }
}

/** Brokers handed out round-robin; each epoch starts one further and hands out each broker once. */
class BrokerList {
  readonly #brokers: number[] = [];
  #index = 0;
  #offset = 0;
  #epoch = 0;

  add(broker: number): void {
    this.#brokers.push(broker);
  }

  initialize(random: Random): void {
    this.#brokers.sort((a, b) => a - b);
    if (this.#brokers.length > 0) this.#offset = random.int(this.#brokers.length);
  }

  shuffle(random: Random): void {
    shuffle(this.#brokers, random);
  }

  /** The next broker of this epoch, or -1. */
  next(epoch: number): number {
    const count = this.#brokers.length;
    if (count === 0) return -1;
    if (this.#epoch !== epoch) {
      this.#epoch = epoch;
      this.#index = 0;
      this.#offset = (this.#offset + 1) % count;
    }
    if (this.#index >= count) return -1;
    const broker = this.#brokers[(this.#index + this.#offset) % count]!;
    this.#index++;
    return broker;
  }
}

class Rack {
  readonly fenced = new BrokerList();
  readonly unfenced = new BrokerList();

  /** The next broker of this rack in this epoch, unfenced ones first, or -1. */
  next(epoch: number): number {
    const broker = this.unfenced.next(epoch);
    return broker >= 0 ? broker : this.fenced.next(epoch);
  }
}

/** Racks with their brokers, and where the next stripe begins. */
class RackList {
  readonly #random: Random;
  readonly #racks: Rack[];
  readonly brokerCount: number;
  readonly unfencedCount: number;
  #epoch = 0;
  #offset: number;

  constructor(random: Random, brokers: Iterable<UsableBroker>) {
    this.#random = random;
    const byName = new Map<string | null, Rack>();
    let total = 0;
    let unfenced = 0;
    for (const broker of brokers) {
      let rack = byName.get(broker.rack);
      if (rack === undefined) {
        rack = new Rack();
        byName.set(broker.rack, rack);
      }
      (broker.fenced ? rack.fenced : rack.unfenced).add(broker.id);
      total++;
      if (!broker.fenced) unfenced++;
    }
    for (const rack of byName.values()) {
      rack.fenced.initialize(random);
      rack.unfenced.initialize(random);
    }
    this.#racks = [...byName.entries()].sort(([a], [b]) => compareRackNames(a, b)).map(([, rack]) => rack);
    this.brokerCount = total;
    this.unfencedCount = unfenced;
    this.#offset = this.#racks.length === 0 ? 0 : random.int(this.#racks.length);
  }

  /** The replicas of one more partition; needs an unfenced broker and enough brokers in all. */
  place(replicationFactor: number): number[] {
    // With a single unfenced broker the epoch must keep growing, or its list would never be rewound.
    if (this.#epoch === this.unfencedCount && this.unfencedCount > 1) {
      this.#shuffle();
      this.#epoch = 0;
    }
    if (this.#offset === this.#racks.length) this.#offset = 0;
    const replicas: number[] = [];
    let leaderRack = this.#placeLeader(replicas);
    let rackIndex = this.#offset;
    while (replicas.length < replicationFactor) {
      let broker = -1;
      // The leader's rack has given its share of the first round.
      if (rackIndex === leaderRack) leaderRack = -1;
      else broker = this.#racks[rackIndex]!.next(this.#epoch);
      rackIndex = (rackIndex + 1) % this.#racks.length;
      if (broker >= 0) replicas.push(broker);
    }
    this.#epoch++;
    this.#offset++;
    return replicas;
  }

  /** Adds an unfenced broker and returns the index of its rack. */
  #placeLeader(replicas: number[]): number {
    for (let rackIndex = this.#offset; ; rackIndex = (rackIndex + 1) % this.#racks.length) {
      const broker = this.#racks[rackIndex]!.unfenced.next(this.#epoch);
      if (broker < 0) continue;
      replicas.push(broker);
      return rackIndex;
    }
  }

  #shuffle(): void {
    shuffle(this.#racks, this.#random);
    for (const rack of this.#racks) {
      rack.fenced.shuffle(this.#random);
      rack.unfenced.shuffle(this.#random);
    }
  }
}

function compareRackNames(a: string | null, b: string | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}
