/**
 * A time during which nothing more is taken from a connection: KIP-219's muted channel.
 *
 * Times that overlap do not add up: the latest end counts.
 */
import type { Clock, Timer } from '@skarab/base';

export class Mute {
  readonly #clock: Clock;
  readonly #onOver: () => void;
  #timer: Timer | undefined;
  #endMs = 0;

  constructor(clock: Clock, onOver: () => void) {
    this.#clock = clock;
    this.#onOver = onOver;
  }

  get isOn(): boolean {
    return this.#timer !== undefined;
  }

  /** Lasts for `durationMs` from now at least. */
  extend(durationMs: number): void {
    const endMs = this.#clock.monotonicMs() + durationMs;
    if (this.isOn && endMs <= this.#endMs) return;
    this.#endMs = endMs;
    this.#timer?.cancel();
    this.#timer = this.#clock.after(durationMs, () => {
      this.#timer = undefined;
      this.#onOver();
    });
  }

  /** Ends without a word. */
  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
