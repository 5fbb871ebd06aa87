/**
 * One connection of the simulated network, from the dialling process to the listening one.
 */
import { Buffer } from 'node:buffer';
import type { MemoryConnection } from '@skarab/broker/testing';
import type { Conversation, ConversationEvents } from '@skarab/network';
import { Lane, type Road } from './lane.ts';
import type { SimNetwork } from './network.ts';

/** Chance that bytes arrive in two pieces. */
const SPLIT_SHARE = 0.1;

export class Wire implements Conversation {
  readonly from: number;
  readonly to: number;
  readonly #network: SimNetwork;
  readonly #events: ConversationEvents;
  readonly #there: Lane;
  readonly #back: Lane;
  #peer: MemoryConnection | undefined;
  #isClientOver = false;
  #isServerOver = false;

  constructor(
    network: SimNetwork,
    { from, to, port }: { readonly from: number; readonly to: number; readonly port: number },
    events: ConversationEvents,
  ) {
    this.from = from;
    this.to = to;
    this.#network = network;
    this.#events = events;
    this.#there = this.#lane(from, to);
    this.#back = this.#lane(to, from);
    this.#there.send(() => this.#connect(port));
  }

  get isHolding(): boolean {
    return this.#there.isHolding || this.#back.isHolding;
  }

  write(chunks: readonly Uint8Array[]): void {
    if (this.#isClientOver) return;
    this.#send(this.#there, Buffer.concat(chunks), (bytes) => {
      if (this.#isServerOver) return;
      this.#note(this.from, this.to, bytes);
      this.#peer?.onBytes(bytes);
    });
  }

  close(): void {
    if (this.#isClientOver) return;
    this.endByClient(false);
    this.#events.onClosed('closed by this side');
  }

  /** The dialling process ends the connection, or ends itself. */
  endByClient(isDead: boolean): void {
    if (this.#isClientOver) return;
    this.#isClientOver = true;
    this.#there.send(() => {
      this.#network.forget(this);
      if (this.#isServerOver) return;
      this.#isServerOver = true;
      this.#peer?.close();
    });
    if (isDead && this.#isServerOver) this.#network.forget(this);
  }

  /** The listening process ends the connection, or ends itself. */
  endByServer(isDead: boolean): void {
    if (this.#isServerOver) return;
    this.#isServerOver = true;
    this.#back.send(() => this.#endClient('the other side ended the connection'));
    if (isDead && this.#isClientOver) this.#network.forget(this);
  }

  /** Both sides learn that the connection is gone. */
  reset(reason: string): void {
    this.#network.forget(this);
    if (!this.#isServerOver) {
      this.#isServerOver = true;
      this.#peer?.close();
    }
    this.#endClient(reason);
  }

  release(): void {
    this.#there.release();
    this.#back.release();
  }

  #connect(port: number): void {
    const listener = this.#network.listenerAt(port);
    if (this.#isClientOver) return;
    if (listener === undefined) {
      this.#isServerOver = true;
      this.#back.send(() => this.#endClient('connection refused'));
      return;
    }
    listener.accept({
      send: (bytes) => {
        if (this.#isServerOver) return;
        this.#send(this.#back, bytes, (piece) => {
          if (this.#isClientOver) return;
          this.#note(this.to, this.from, piece);
          this.#events.onBytes(piece, piece.length);
        });
      },
      onAccepted: (connection) => {
        this.#peer = connection;
        this.#back.send(() => !this.#isClientOver && this.#events.onOpen());
      },
      onClosed: () => this.endByServer(false),
    });
  }

  #endClient(reason: string): void {
    this.#network.forget(this);
    if (this.#isClientOver) return;
    this.#isClientOver = true;
    this.#events.onClosed(reason);
  }

  #send(lane: Lane, bytes: Buffer, arrive: (bytes: Buffer) => void): void {
    const { random } = this.#network;
    if (bytes.length < 2 || random.next() >= SPLIT_SHARE) {
      lane.send(() => arrive(bytes));
      return;
    }
    const at = 1 + random.int(bytes.length - 1);
    lane.send(() => arrive(bytes.subarray(0, at)));
    lane.send(() => arrive(bytes.subarray(at)));
  }

  #lane(from: number, to: number): Lane {
    const { clock, random } = this.#network;
    const road: Road = {
      from,
      to,
      isBlocked: () => this.#network.isBlocked(from, to),
      isPaused: () => this.#network.isPaused(to),
    };
    return new Lane(clock, random, () => this.#network.weather, road);
  }

  #note(from: number, to: number, bytes: Uint8Array): void {
    this.#network.trace.add(this.#network.clock.monotonicMs(), `${from}>${to}`, bytes);
  }
}
