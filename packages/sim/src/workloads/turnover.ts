/**
 * Members that come, leave and die at random, one every now and then.
 */
import type { Simulation } from '../cluster/simulation.ts';

/** One that can be there. */
export interface Mortal {
  kill(): void;
}

/** What a turnover is made of. */
export interface TurnoverOptions<M extends Mortal> {
  /** At most so many are there at once. */
  readonly maxMembers: number;
  /** Longest time between two changes. */
  readonly maxPauseMs: number;
  readonly join: () => M;
  /** Has one that was taken out leave in order. */
  readonly leave: (member: M) => void;
}

export class Turnover<M extends Mortal> {
  /** Who is there. */
  readonly members = new Set<M>();
  readonly #simulation: Simulation;
  readonly #options: TurnoverOptions<M>;
  #isOver = false;

  constructor(simulation: Simulation, options: TurnoverOptions<M>) {
    this.#simulation = simulation;
    this.#options = options;
  }

  /** The first one comes, and others come and go from now on. */
  start(): void {
    this.#join();
    this.#change();
  }

  /** Nobody comes or goes any more, but for those who are missing for `least` to be there. */
  settle(least: number): void {
    this.#isOver = true;
    while (this.members.size < least) this.#join();
  }

  #change(): void {
    const { clock, random } = this.#simulation;
    const { maxMembers, maxPauseMs, leave } = this.#options;
    clock.after(random.int(maxPauseMs), () => {
      if (this.#isOver) return;
      const member = [...this.members][random.int(maxMembers)];
      if (member === undefined) this.#join();
      else {
        this.members.delete(member);
        if (random.int(2) === 0) member.kill();
        else leave(member);
      }
      this.#change();
    });
  }

  #join(): void {
    this.members.add(this.#options.join());
  }
}
