/**
 * What a node of ours says of itself over HTTP: whether it is ready, and how long its event loop was held.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Distribution, skarab } from '../tools/raw-client/brokers.ts';
import { wrapped } from './limits.ts';

const POLL_MS = 100;
/** Alone on a machine; where other tests run at the same time, the same work takes its thread longer. */
const MAX_HELD_MS = process.env['CI'] === 'true' ? 100 : 50;

/** The metrics of one node. */
export class NodeMetrics {
  readonly #port: number;

  /** `port`: where the node serves them. */
  constructor(port: number) {
    this.#port = port;
  }

  /** Our scripts, which serve the metrics there; `folder` holds them. */
  distribution(folder: string): Distribution {
    return wrapped(skarab, folder, `export SKARAB_METRICS_ADDR=127.0.0.1:${this.#port}`);
  }

  async untilReady(): Promise<void> {
    while ((await this.#get('readyz')).status !== 200) await sleep(POLL_MS);
  }

  /** For how many milliseconds the event loop was held at most since this was asked last. */
  async heldMs(): Promise<number> {
    const text = await (await this.#get('metrics')).text();
    const [, seconds] = /^skarab_event_loop_held_max_seconds (\S+)$/m.exec(text) ?? [];
    assert(seconds !== undefined, text);
    return Math.round(Number(seconds) * 1000);
  }

  #get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#port}/${path}`);
  }
}

/** Asserts that no event loop was held too long while something happened. */
export function assertHeld(what: string, heldMs: readonly number[]): void {
  const longest = Math.max(...heldMs);
  assert(longest <= MAX_HELD_MS, `${what}: an event loop was held for ${longest} ms, ${MAX_HELD_MS} at most are right`);
}
