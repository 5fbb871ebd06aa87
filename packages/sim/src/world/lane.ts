/**
 * One direction of a connection: bytes arrive in order, late, and sometimes not before the road is mended.
 *
 * As TCP does it: what is lost is sent again, so loss shows as delay; what cannot pass is kept and tried again when it can.
 */
import type { Clock, Random } from '@skarab/base';

/** What the network does to what is sent. */
export interface Weather {
  readonly maxLatencyMs: number;
  /** How often something is lost, and when it is sent again. */
  readonly lossShare: number;
  readonly retransmitMs: number;
}

/** Where a lane leads. */
export interface Road {
  readonly from: number;
  readonly to: number;
  readonly isBlocked: () => boolean;
  readonly isPaused: () => boolean;
}

export class Lane {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #weather: () => Weather;
  readonly #road: Road;
  /** In the order of sending: what has arrived at a road that is blocked, or at a process that is paused. */
  #held: (() => void)[] = [];
  #lastArrivalMs = 0;

  constructor(clock: Clock, random: Random, weather: () => Weather, road: Road) {
    this.#clock = clock;
    this.#random = random;
    this.#weather = weather;
    this.#road = road;
  }

  /** `arrive` is called when what was sent is there. */
  send(arrive: () => void): void {
    const now = this.#clock.monotonicMs();
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, now + this.#latencyMs());
    this.#clock.after(this.#lastArrivalMs - now, () => this.#arrive(arrive));
  }

  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  /** The road is free, or the process goes on: what was kept arrives. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const arrive of held) this.#arrive(arrive);
  }

  #arrive(arrive: () => void): void {
    if (this.#held.length > 0 || this.#road.isBlocked() || this.#road.isPaused()) this.#held.push(arrive);
    else arrive();
  }

  #latencyMs(): number {
    const { maxLatencyMs, lossShare, retransmitMs } = this.#weather();
    const isLost = this.#random.next() < lossShare;
    return this.#random.next() * maxLatencyMs + (isLost ? retransmitMs : 0);
  }
}
