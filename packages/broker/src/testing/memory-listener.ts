/**
 * A port of a network in memory. The network decides which port it is, and makes the connections.
 */
import type { Buffer } from 'node:buffer';
import type { FrameHandler, ListenerOptions, PeerConnection, ServerListener } from '@skarab/network';
import { MemoryConnection } from './memory-connection.ts';

/** A port that is taken, and what frees it. */
export interface BoundPort {
  readonly port: number;
  readonly free: () => void;
}

/** A connection that is being made. */
export interface Accepting {
  readonly send: (bytes: Buffer) => void;
  readonly onAccepted: (connection: MemoryConnection) => void;
  readonly onClosed: () => void;
}

export class MemoryListener implements ServerListener {
  readonly #options: ListenerOptions;
  readonly #bind: (listener: MemoryListener, wanted: number) => BoundPort;
  readonly #connections = new Set<MemoryConnection>();
  #bound: BoundPort | undefined;
  #sequence = 0;
  /** Connections that came before `open`. */
  #early: Accepting[] | undefined = [];

  constructor(options: ListenerOptions, bind: (listener: MemoryListener, wanted: number) => BoundPort) {
    this.#options = options;
    this.#bind = bind;
  }

  /** 0 until it is bound. */
  get port(): number {
    return this.#bound?.port ?? 0;
  }

  get name(): string {
    return this.#options.name;
  }

  async bind(): Promise<void> {
    this.#bound = this.#bind(this, this.#options.port);
  }

  open(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const accepting of early) this.accept(accepting);
  }

  async stop(): Promise<void> {
    this.#bound?.free();
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
    const { handler, maxRequestBytes, clock } = this.#options;
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
    const listenerName = this.name;
    const connection = new MemoryConnection({ id, listenerName, maxRequestBytes, handler: observed, clock, send });
    this.#connections.add(connection);
    onAccepted(connection);
  }
}
