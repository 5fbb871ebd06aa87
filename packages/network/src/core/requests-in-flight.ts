/**
 * What a client has asked on one connection and not been told yet: correlation ids, order, deadlines.
 *
 * Brokers answer in the order of the requests, so the oldest one in flight is the one that a response belongs to. Anything else means that the
 * two sides have lost step, and the connection with it. Shape: plain state; owns no socket and no timer. Bounded by `maxInFlight`.
 * Source: org.apache.kafka.clients.InFlightRequests.
 */

/** A request that waits for its response. */
export interface RequestInFlight<Context> {
  readonly correlationId: number;
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly deadlineMs: number;
  readonly context: Context;
}

const MAX_CORRELATION_ID = 0x7fffffff;

export class RequestsInFlight<Context> {
  readonly #queue: RequestInFlight<Context>[] = [];
  readonly #maxInFlight: number;
  #nextCorrelationId = 0;

  constructor(maxInFlight: number) {
    this.#maxInFlight = maxInFlight;
  }

  get size(): number {
    return this.#queue.length;
  }

  /** True when nothing more may be asked before something is answered. */
  get isFull(): boolean {
    return this.#queue.length >= this.#maxInFlight;
  }

  /** Gives a request its correlation id; the caller has looked at `isFull`. */
  add(apiKey: number, apiVersion: number, deadlineMs: number, context: Context): RequestInFlight<Context> {
    const correlationId = this.#nextCorrelationId;
    this.#nextCorrelationId = correlationId === MAX_CORRELATION_ID ? 0 : correlationId + 1;
    const request = { correlationId, apiKey, apiVersion, deadlineMs, context };
    this.#queue.push(request);
    return request;
  }

  /** Takes the request that a response with this id answers; undefined when it is not the next one's. */
  take(correlationId: number): RequestInFlight<Context> | undefined {
    return this.#queue[0]?.correlationId === correlationId ? this.#queue.shift() : undefined;
  }

  /** The time at which the first request in flight is overdue; undefined without any. */
  get nextDeadlineMs(): number | undefined {
    let earliest: number | undefined;
    for (const { deadlineMs } of this.#queue)
      if (earliest === undefined || deadlineMs < earliest) earliest = deadlineMs;
    return earliest;
  }

  /** Takes all of them: the connection is gone. */
  drain(): RequestInFlight<Context>[] {
    return this.#queue.splice(0);
  }
}
