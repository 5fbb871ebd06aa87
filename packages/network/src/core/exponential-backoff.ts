/**
 * Delays that grow from attempt to attempt up to a limit, with some chance in them so that many clients do not come back at once.
 *
 * Source: org.apache.kafka.common.utils.ExponentialBackoff.
 */
import type { Random } from '@skarab/base';

/** How delays grow; the result of attempt n is `initialMs * multiplier^n`, at most `maxMs`, give or take `jitter` of it. */
export interface BackoffSettings {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly multiplier: number;
  /** A part of one, such as 0.2. */
  readonly jitter: number;
}

export class ExponentialBackoff {
  readonly #settings: BackoffSettings;
  readonly #random: Random;

  constructor(settings: BackoffSettings, random: Random) {
    this.#settings = settings;
    this.#random = random;
  }

  /** The delay after `attempts` attempts, 0 for the first. */
  delayMs(attempts: number): number {
    const { initialMs, maxMs, multiplier, jitter } = this.#settings;
    if (initialMs <= 0) return 0;
    const grown = Math.min(initialMs * multiplier ** Math.min(attempts, 64), Math.max(initialMs, maxMs));
    return Math.floor(grown * (1 + jitter * (2 * this.#random.next() - 1)));
  }
}
