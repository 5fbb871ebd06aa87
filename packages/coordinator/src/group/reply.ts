/**
 * A response that somebody waits for, perhaps for long: JoinGroup and SyncGroup requests are parked in their group's members.
 */

/** Takes the one response of a request; the first one wins. */
export class Reply<R> {
  #deliver: ((response: R) => void) | null;

  constructor(deliver: (response: R) => void) {
    this.#deliver = deliver;
  }

  /** Sends the response unless one was sent. */
  send(response: R): void {
    const deliver = this.#deliver;
    this.#deliver = null;
    deliver?.(response);
  }
}
