/**
 * Lets requests of one connection that may overlap take turns where they must not: what came first goes first.
 *
 * Transactional produce requests wait for their verification; without turns a later one could be appended before an earlier one.
 */
import type { PeerConnection } from '@skarab/network';

export class ConnectionTurns {
  /** The end of the last turn that was asked for. */
  readonly #last = new WeakMap<PeerConnection, Promise<void>>();

  /** Resolves when every turn that was asked for before on this connection is over; disposing ends the turn. */
  async take(connection: PeerConnection): Promise<Disposable> {
    const before = this.#last.get(connection);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last.set(connection, promise);
    await before;
    return { [Symbol.dispose]: resolve };
  }
}
