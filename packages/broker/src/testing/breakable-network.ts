/**
 * The network between the nodes of a cluster in one process: cables can be cut and processes can be stopped.
 *
 * A cut is silent, as real ones are: what is sent is lost, connections do not come about, and nobody is told. When the cable is whole again the
 * connections of before are reset. A paused process takes nothing in; it gets what has arrived when it goes on.
 */
import { Buffer } from 'node:buffer';
import type { Address, Conversation, ConversationEvents, Dialer } from '@skarab/network';

/** One conversation between two nodes. */
interface Wire {
  readonly from: number;
  readonly to: number;
  /** Bytes were lost: it cannot go on when the cable is whole again. */
  isTorn: boolean;
  /** What arrived for a paused process. */
  readonly held: (() => void)[];
  readonly break: (reason: string) => void;
}

export class BreakableNetwork {
  readonly #dialer: Dialer;
  readonly #nodeAt: (address: Address) => number | undefined;
  readonly #wires = new Set<Wire>();
  readonly #cuts = new Set<string>();
  readonly #paused = new Set<number>();

  /** Over the connections of `dialer`; `nodeAt` tells which node listens at an address. */
  constructor(dialer: Dialer, nodeAt: (address: Address) => number | undefined) {
    this.#dialer = dialer;
    this.#nodeAt = nodeAt;
  }

  /** The network as the node `from` sees it. */
  dialerOf(from: number): Dialer {
    return { dial: (address, events) => this.#dial(from, address, events) };
  }

  /** Cuts the cable between two nodes. */
  cut(a: number, b: number): void {
    this.#cuts.add(keyOf(a, b));
  }

  /** Mends all cables. */
  heal(): void {
    this.#cuts.clear();
    for (const wire of [...this.#wires]) if (wire.isTorn) wire.break('connection reset');
  }

  isCut(a: number, b: number): boolean {
    return this.#cuts.has(keyOf(a, b));
  }

  pause(node: number): void {
    this.#paused.add(node);
  }

  resume(node: number): void {
    this.#paused.delete(node);
    for (const wire of [...this.#wires]) if (wire.from === node) for (const deliver of wire.held.splice(0)) deliver();
  }

  #dial(from: number, address: Address, events: ConversationEvents): Conversation {
    const to = this.#nodeAt(address) ?? -1;
    let isOver = false;
    const close = (reason: string): void => {
      if (isOver) return;
      isOver = true;
      this.#wires.delete(wire);
      events.onClosed(reason);
    };
    const wire: Wire = {
      from,
      to,
      isTorn: this.isCut(from, to),
      held: [],
      break: (reason) => {
        close(reason);
        conversation?.close();
      },
    };
    this.#wires.add(wire);
    const deliver = (event: () => void): void => {
      if (isOver) return;
      if (this.isCut(from, to)) wire.isTorn = true;
      else if (this.#paused.has(from)) wire.held.push(() => !isOver && event());
      else event();
    };
    const conversation = wire.isTorn
      ? undefined
      : this.#dialer.dial(address, {
          onOpen: () => deliver(() => events.onOpen()),
          onBytes: (chunk, length) => {
            const bytes = this.#paused.has(from) ? Buffer.from(chunk.subarray(0, length)) : chunk;
            deliver(() => events.onBytes(bytes, length));
          },
          onClosed: (reason) => deliver(() => close(reason)),
        });
    return {
      write: (chunks) => {
        if (this.isCut(from, to)) wire.isTorn = true;
        if (!wire.isTorn) conversation?.write(chunks);
      },
      close: () => wire.break('closed by this side'),
    };
  }
}

function keyOf(a: number, b: number): string {
  return a < b ? `${a}-${b}` : `${b}-${a}`;
}
