/**
 * A port of the simulated network.
 */
import type { Buffer } from 'node:buffer';
import { MemoryConnection } from '@skarab/broker/testing';
import type { FrameHandler, ListenerOptions, PeerConnection, ServerListener } from '@skarab/network';

/** A connection that is being made. */
export interface Accepting {
  readonly send: (bytes: Buffer) => void;
  readonly onAccepted: (connection: MemoryConnection) => void;
  readonly onClosed: () => void;
}

export class SimListener implements ServerListener {
  readonly #options: ListenerOptions;
  readonly #bind: (listener: SimListener, port: number) => () => void;
  readonly #connections = new Set<MemoryConnection>();
  #unbind: (() => void) | undefined;
  #sequence = 0;
  /** Connections that came before `open`. */
  #early: Accepting[] | undefined = [];
  port = 0;

  /** `bind` takes a port and returns what frees it. */
  constructor(options: ListenerOptions, bind: (listener: SimListener, port: number) => () => void) {
    this.#options = options;
    this.#bind = bind;
  }

  get name(): string {
    return this.#options.name;
  }

  async bind(): Promise<void> {
    this.#unbind = this.#bind(this, this.#options.port);
    this.port = this.#options.port;
  }

  open(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const accepting of early) this.accept(accepting);
  }

  async stop(): Promise<void> {
    this.#unbind?.();
    for (const { onClosed } of this.#early ?? []) onClosed();
    this.closeAll();
  }

  closeAll(): void {
    for (const connection of this.#connections) connection.close();
  }

  closeWhere(matches: (connection: PeerConnection) => boolean): void {
    for (const connection of this.#connections) if (matches(connection)) connection.close();
  }

  accept(accepting: Accepting): void {
    if (this.#early !== undefined) {
      this.#early.push(accepting);
      return;
    }
    const { send, onAccepted, onClosed } = accepting;
    const { handler, maxRequestBytes } = this.#options;
    const observed: FrameHandler = {
      overlaps: (frame) => handler.overlaps(frame),
      handle: (peer, frame, respond) => handler.handle(peer, frame, respond),
      onClosed: (peer) => {
        this.#connections.delete(connection);
        handler.onClosed(peer);
        onClosed();
      },
    };
    const id = `${this.name}-${this.#sequence++}`;
    const connection = new MemoryConnection({ id, listenerName: this.name, maxRequestBytes, handler: observed, send });
    this.#connections.add(connection);
    onAccepted(connection);
  }
}
