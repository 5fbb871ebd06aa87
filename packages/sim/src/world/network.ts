/**
 * The network of a simulation: connections between processes, over roads that can be blocked in one direction or both.
 *
 * Bytes of a connection arrive in order, as those of TCP do; what overtakes is other connections. A blocked road loses nothing at once: what
 * is on it arrives when it is mended, or the connection is reset then. A dead process answers nothing; its peers learn of its end.
 */
import { type Clock, type Random, TransportError } from '@skarab/base';
import { type BoundPort, MemoryListener } from '@skarab/broker/testing';
import type {
  Address,
  Conversation,
  ConversationEvents,
  Dialer,
  ListenerOptions,
  ServerListener,
} from '@skarab/network';
import type { Weather } from './lane.ts';
import type { Trace } from './trace.ts';
import { Wire } from './wire.ts';

/** Chance that a connection survives when its road is mended. */
const SURVIVAL_SHARE = 0.5;

export class SimNetwork {
  readonly clock: Clock;
  readonly random: Random;
  readonly trace: Trace;
  weather: Weather = { maxLatencyMs: 3, lossShare: 0.005, retransmitMs: 200 };
  readonly #listeners = new Map<number, { readonly listener: MemoryListener; readonly process: number }>();
  readonly #wires = new Set<Wire>();
  readonly #blocked = new Set<string>();
  readonly #paused = new Set<number>();

  constructor(clock: Clock, random: Random, trace: Trace) {
    this.clock = clock;
    this.random = random;
    this.trace = trace;
  }

  /** The network as one process sees it that dials. */
  dialerOf(process: number): Dialer {
    return { dial: (address, events) => this.#dial(process, address, events) };
  }

  /** The network as one process sees it that listens. */
  listenerOf(process: number): (options: ListenerOptions) => ServerListener {
    return (options) => new MemoryListener(options, (listener, port) => this.#bind(process, listener, port));
  }

  /** Nothing passes in this direction. */
  block(from: number, to: number): void {
    this.trace.add(this.clock.monotonicMs(), `block ${from} ${to}`);
    this.#blocked.add(`${from}>${to}`);
  }

  /** Nothing passes between two groups of processes. */
  split(these: readonly number[], those: readonly number[]): void {
    for (const a of these) {
      for (const b of those) {
        this.block(a, b);
        this.block(b, a);
      }
    }
  }

  /** All roads are free again. */
  heal(): void {
    this.trace.add(this.clock.monotonicMs(), 'heal');
    this.#blocked.clear();
    for (const wire of [...this.#wires]) {
      if (!wire.isHolding) continue;
      if (this.random.next() < SURVIVAL_SHARE) wire.release();
      else wire.reset('connection reset');
    }
  }

  pause(process: number): void {
    this.#paused.add(process);
  }

  resume(process: number): void {
    this.#paused.delete(process);
    for (const wire of [...this.#wires]) if (wire.from === process || wire.to === process) wire.release();
  }

  /** The process is dead: its ports are free, and its peers learn of it as soon as they can be reached. */
  kill(process: number): void {
    this.#paused.delete(process);
    for (const [port, bound] of this.#listeners) if (bound.process === process) this.#listeners.delete(port);
    for (const wire of [...this.#wires]) {
      if (wire.from === process) wire.endByClient(true);
      else if (wire.to === process) wire.endByServer(true);
    }
  }

  isBlocked(from: number, to: number): boolean {
    return this.#blocked.has(`${from}>${to}`);
  }

  isPaused(process: number): boolean {
    return this.#paused.has(process);
  }

  /** The process that listens at a port, and its listener. */
  listenerAt(port: number): MemoryListener | undefined {
    return this.#listeners.get(port)?.listener;
  }

  forget(wire: Wire): void {
    this.#wires.delete(wire);
  }

  #dial(from: number, { port }: Address, events: ConversationEvents): Conversation {
    const wire = new Wire(this, { from, to: Math.floor(port / 10) - 2000, port }, events);
    this.#wires.add(wire);
    return wire;
  }

  #bind(process: number, listener: MemoryListener, port: number): BoundPort {
    if (this.#listeners.has(port)) throw new TransportError('LISTEN', `port ${port} is taken`);
    this.#listeners.set(port, { listener, process });
    const free = (): void => {
      if (this.#listeners.get(port)?.listener === listener) this.#listeners.delete(port);
    };
    return { port, free };
  }
}

/** The port of a process's `index`th listener: ports tell whose they are. */
export function portOf(process: number, index: number): number {
  return (2000 + process) * 10 + index;
}
