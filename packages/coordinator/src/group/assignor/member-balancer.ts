/**
 * Finds, among members sorted by how much they have, who gets the next partition and who gives one up.
 *
 * ```
 *              ^          most loaded: expands leftwards
 *   partitions |          [##<-   ]##   these have nothing to give up
 *              |        ##[#######]##
 *              | [...->  ]##[#######]##
 *              | [#######]##[#######]##
 *              +-----------------------> members
 *                least loaded: expands rightwards
 * ```
 * Within a range all members begin with equally many. The members are balanced when the two levels differ by one or less, not when the ranges
 * touch. Source: UniformHeterogeneousAssignmentBuilder.MemberAssignmentBalancer.
 */

/** The balancer of one assignment; `initialize` starts it anew for the subscribers of a topic. */
export class MemberBalancer {
  /** How many partitions each member has; changed by the owner between the calls. */
  readonly #sizes: readonly number[];
  #sorted: number[] = [];
  #leastEnd = 0;
  #leastLevel = 0;
  #nextLeast = 0;
  #mostStart = 0;
  #mostEnd = 0;
  #mostLevel = 0;
  #nextMost = 0;

  constructor(sizes: readonly number[]) {
    this.#sizes = sizes;
  }

  /** Starts with some members, at least one; returns how much the most loaded has more than the least loaded. */
  initialize(members: readonly number[]): number {
    const sizes = this.#sizes;
    this.#sorted = [...members].sort((a, b) => sizes[a]! - sizes[b]! || a - b);
    const least = sizes[this.#sorted[0]!]!;
    const most = sizes[this.#sorted.at(-1)!]!;
    this.#leastEnd = 0;
    this.#leastLevel = least - 1;
    this.#nextLeast = 0;
    this.#mostStart = this.#sorted.length;
    this.#mostEnd = this.#sorted.length;
    this.#mostLevel = most + 1;
    this.#nextMost = this.#sorted.length - 1;
    return most - least;
  }

  /** Who gets the next partition; counts it as given. */
  nextLeastLoaded(): number {
    if (this.#nextLeast >= this.#leastEnd) {
      this.#leastLevel++;
      while (this.#leastEnd < this.#sorted.length && this.#sizeAt(this.#leastEnd) === this.#leastLevel)
        this.#leastEnd++;
      this.#nextLeast = 0;
    }
    return this.#sorted[this.#nextLeast++]!;
  }

  /** Who gives up the next partition, or -1 when nobody has any; counts it as given up. */
  nextMostLoaded(): number {
    if (this.#nextMost < this.#mostStart) {
      // The range is empty when everybody in it was excluded.
      if (this.#mostEnd <= this.#mostStart && this.#mostStart > 0) this.#mostLevel = this.#sizeAt(this.#mostStart - 1);
      else this.#mostLevel--;
      while (this.#mostStart > 0 && this.#sizeAt(this.#mostStart - 1) === this.#mostLevel) this.#mostStart--;
      this.#nextMost = this.#mostEnd - 1;
    }
    return this.#nextMost < 0 ? -1 : this.#sorted[this.#nextMost--]!;
  }

  /** The member that `nextMostLoaded` named has nothing to give up. */
  excludeMostLoaded(): void {
    const at = this.#nextMost + 1;
    const last = --this.#mostEnd;
    const excluded = this.#sorted[at]!;
    this.#sorted[at] = this.#sorted[last]!;
    this.#sorted[last] = excluded;
  }

  get isBalanced(): boolean {
    return this.#mostLevel - this.#leastLevel <= 1;
  }

  #sizeAt(index: number): number {
    return this.#sizes[this.#sorted[index]!]!;
  }
}
