/**
 * How many requests may wait for their turn over all connections of a listener's node, so that memory is bounded by more than the number
 * of connections. Source: `queued.max.requests` and `queued.max.request.bytes` of kafka.network.RequestChannel and SocketServer.
 *
 * A connection that has requests waiting reads no more while the budget is used up; one that has none always may, so nobody starves.
 */
export class RequestBudget {
  readonly #maxRequests: number;
  readonly #maxBytes: number;
  #requests = 0;
  #bytes = 0;

  /** `maxBytes` of 0 or less is without limit. */
  constructor(maxRequests: number, maxBytes: number) {
    this.#maxRequests = maxRequests;
    this.#maxBytes = maxBytes > 0 ? maxBytes : Number.POSITIVE_INFINITY;
  }

  /** Whether nobody who has requests waiting should read more. */
  get isUsedUp(): boolean {
    return this.#requests >= this.#maxRequests || this.#bytes >= this.#maxBytes;
  }

  /** A request of so many bytes waits. */
  add(bytes: number): void {
    this.#requests++;
    this.#bytes += bytes;
  }

  /** `requests` of so many bytes in all have started, or their connection is gone. */
  remove(requests: number, bytes: number): void {
    this.#requests -= requests;
    this.#bytes -= bytes;
  }
}
