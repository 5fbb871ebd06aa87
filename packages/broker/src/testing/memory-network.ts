/**
 * Connections in memory instead of TCP: everything arrives whole and in order, some time after it was sent, as the clock says.
 *
 * With a clock that is moved by hand and a seeded source of chance the same seed gives the same run.
 */
import { Buffer } from 'node:buffer';
import { type Clock, TransportError } from '@skarab/base';
import type {
  Address,
  Conversation,
  ConversationEvents,
  Dialer,
  ListenerOptions,
  ServerListener,
} from '@skarab/network';
import type { MemoryConnection } from './memory-connection.ts';
import { type BoundPort, MemoryListener } from './memory-listener.ts';

const FIRST_FREE_PORT = 20_000;

/** One direction of a connection: keeps what was sent in order, however long single pieces take. */
class Lane {
  readonly #clock: Clock;
  readonly #latencyMs: () => number;
  #lastArrivalMs = 0;

  constructor(clock: Clock, latencyMs: () => number) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  send(arrive: () => void): void {
    const now = this.#clock.monotonicMs();
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, now + this.#latencyMs());
    this.#clock.after(this.#lastArrivalMs - now, arrive);
  }
}

export class MemoryNetwork implements Dialer {
  readonly #clock: Clock;
  readonly #latencyMs: () => number;
  readonly #listeners = new Map<number, MemoryListener>();
  #nextPort = FIRST_FREE_PORT;

  constructor(clock: Clock, latencyMs: () => number) {
    this.#clock = clock;
    this.#latencyMs = latencyMs;
  }

  /** Makes a listener of this network. */
  listen(options: ListenerOptions): ServerListener {
    return new MemoryListener(options, (listener, port) => this.#bind(listener, port));
  }

  dial({ port }: Address, events: ConversationEvents): Conversation {
    const there = new Lane(this.#clock, this.#latencyMs);
    const back = new Lane(this.#clock, this.#latencyMs);
    let isOver = false;
    let peer: MemoryConnection | undefined;
    const end = (reason: string): void => {
      if (isOver) return;
      isOver = true;
      events.onClosed(reason);
    };
    there.send(() => {
      const listener = this.#listeners.get(port);
      if (listener === undefined || isOver) {
        back.send(() => end('connection refused'));
        return;
      }
      listener.accept({
        send: (bytes) => back.send(() => !isOver && events.onBytes(bytes, bytes.length)),
        onAccepted: (connection) => {
          peer = connection;
          back.send(() => !isOver && events.onOpen());
        },
        onClosed: () => back.send(() => end('the other side ended the connection')),
      });
    });
    return {
      write: (chunks) => {
        const bytes = Buffer.concat(chunks);
        there.send(() => peer?.onBytes(bytes));
      },
      close: () => {
        end('closed by this side');
        there.send(() => peer?.close());
      },
    };
  }

  #bind(listener: MemoryListener, wanted: number): BoundPort {
    const port = wanted === 0 ? this.#nextPort++ : wanted;
    if (this.#listeners.has(port)) throw new TransportError('LISTEN', `port ${port} is taken`);
    this.#listeners.set(port, listener);
    return { port, free: () => this.#listeners.delete(port) };
  }
}
