/**
 * The order of one connection: which received frame may start now, and which finished response may leave now.
 *
 * Kafka runs one request of a connection at a time. We keep that order visible to the peer, with one liberty: requests that say so
 * (Produce) may start while earlier ones of their kind wait for replication, since they are staged in arrival order anyway.
 *
 * Shape: reactor. Invariants: responses leave in request order; a request that does not overlap starts only when nothing runs.
 */

/** One request from its frame to its response. */
export interface QueuedRequest<Frame, Response> {
  readonly frame: Frame;
  readonly overlaps: boolean;
  /** undefined while it waits or runs, null when it answers nothing. */
  response: Response | null | undefined;
}

export class RequestQueue<Frame, Response> {
  /** Requests in arrival order: the first `#running` have started, the rest wait. */
  readonly #entries: QueuedRequest<Frame, Response>[] = [];
  readonly #maxRunning: number;
  #running = 0;
  #overlapping = true;

  constructor(maxRunning: number) {
    this.#maxRunning = maxRunning;
  }

  /** Requests that have started and whose response has not left. */
  get running(): number {
    return this.#running;
  }

  /** Requests that have not started. */
  get waiting(): number {
    return this.#entries.length - this.#running;
  }

  /** Adds a request behind all others. */
  enqueue(frame: Frame, overlaps: boolean): void {
    this.#entries.push({ frame, overlaps, response: undefined });
  }

  /** The next request that may start now, marked as started; undefined when none may. */
  startNext(): QueuedRequest<Frame, Response> | undefined {
    const next = this.#entries[this.#running];
    if (next === undefined || this.#running >= this.#maxRunning) return undefined;
    if (this.#running > 0 && !(next.overlaps && this.#overlapping)) return undefined;
    this.#overlapping = next.overlaps;
    this.#running++;
    return next;
  }

  /** Records a response (null for none). */
  complete(request: QueuedRequest<Frame, Response>, response: Response | null): void {
    request.response = response;
  }

  /** Takes the oldest request if its response is ready to leave. */
  takeFinished(): QueuedRequest<Frame, Response> | undefined {
    const oldest = this.#entries[0];
    if (oldest === undefined || this.#running === 0 || oldest.response === undefined) return undefined;
    this.#entries.shift();
    this.#running--;
    return oldest;
  }
}
