/**
 * Soft state of the active controller about brokers: when each was heard of last, how far it has followed the log, and whether it is on its
 * way out. Lost with leadership; every broker's next heartbeat restores it.
 *
 * Source: org.apache.kafka.controller.BrokerHeartbeatManager, BrokerHeartbeatTracker.
 */
import { assert } from '@skarab/base';
import type { BrokerHeartbeatRequest } from '@skarab/protocol';
import { toNumber } from '../int64.ts';

/** What a broker is told to be. */
export type BrokerControlState = 'FENCED' | 'UNFENCED' | 'CONTROLLED_SHUTDOWN' | 'SHUTDOWN_NOW';

interface HeartbeatState {
  fenced: boolean;
  /** Last metadata offset the broker reported. */
  metadataOffset: number;
  /** Offset that all active brokers must have reached before the broker may stop; -1 when it is not shutting down. */
  controlledShutdownOffset: number;
}

/** A broker incarnation. */
export interface BrokerIdAndEpoch {
  readonly id: number;
  readonly epoch: number;
}

interface Session extends BrokerIdAndEpoch {
  lastContactMs: number;
  /** False for a session that a new active controller supposes. */
  wasHeard: boolean;
}

/** Heartbeats of all brokers. Units: monotonic milliseconds. */
export class BrokerHeartbeats {
  readonly #sessionTimeoutMs: number;
  readonly #brokers = new Map<number, HeartbeatState>();
  /** By `id:epoch`: a late heartbeat of an old incarnation must not keep the new one alive. */
  readonly #sessions = new Map<string, Session>();

  constructor(sessionTimeoutMs: number) {
    this.#sessionTimeoutMs = sessionTimeoutMs;
  }

  /** Notes that an incarnation was heard of. */
  track(broker: BrokerIdAndEpoch, nowMs: number): void {
    const key = `${broker.id}:${broker.epoch}`;
    const session = this.#sessions.get(key);
    if (session === undefined) {
      this.#sessions.set(key, { ...broker, lastContactMs: nowMs, wasHeard: true });
      return;
    }
    session.lastContactMs = nowMs;
    session.wasHeard = true;
  }

  /** Supposes that an incarnation is alive, which this controller has not heard of yet. */
  suppose(broker: BrokerIdAndEpoch, nowMs: number): void {
    this.#sessions.set(`${broker.id}:${broker.epoch}`, { ...broker, lastContactMs: nowMs, wasHeard: false });
  }

  /** The incarnations that are supposed to be alive, and that this controller has not heard of. */
  get unheard(): readonly BrokerIdAndEpoch[] {
    return [...this.#sessions.values()].filter(({ wasHeard }) => !wasHeard);
  }

  /** True when this controller itself has heard of the incarnation. */
  wasHeard(broker: BrokerIdAndEpoch): boolean {
    return this.#sessions.get(`${broker.id}:${broker.epoch}`)?.wasHeard === true;
  }

  /**
   * The incarnation is probably gone: unless it is heard of within `graceMs`, its session ends then. Never makes a session longer.
   * Safe, because fencing is: a broker that lives on is unfenced by its next heartbeat. Returns whether the session ends sooner by it.
   */
  doubt(broker: BrokerIdAndEpoch, nowMs: number, graceMs: number): boolean {
    const session = this.#sessions.get(`${broker.id}:${broker.epoch}`);
    const lastContactMs = nowMs + graceMs - this.#sessionTimeoutMs;
    if (session === undefined || session.lastContactMs <= lastContactMs) return false;
    session.lastContactMs = lastContactMs;
    return true;
  }

  /** True when the incarnation was heard of within the session timeout. */
  hasValidSession(broker: BrokerIdAndEpoch, nowMs: number): boolean {
    const session = this.#sessions.get(`${broker.id}:${broker.epoch}`);
    return session !== undefined && !this.#isExpired(session, nowMs);
  }

  /** Takes out one incarnation that was not heard of for too long. */
  takeExpired(nowMs: number): BrokerIdAndEpoch | undefined {
    for (const [key, session] of this.#sessions) {
      if (!this.#isExpired(session, nowMs)) continue;
      this.#sessions.delete(key);
      return { id: session.id, epoch: session.epoch };
    }
    return undefined;
  }

  #isExpired(session: Session, nowMs: number): boolean {
    return session.lastContactMs + this.#sessionTimeoutMs < nowMs;
  }

  /** Ensures that the broker is known and fenced or not, as its registration says. */
  register(id: number, fenced: boolean): void {
    const broker = this.#brokers.get(id);
    if (broker === undefined) this.#brokers.set(id, { fenced, metadataOffset: -1, controlledShutdownOffset: -1 });
    else this.touch(id, fenced, broker.fenced === fenced ? -1 : broker.metadataOffset);
  }

  /** Notes what a broker reported. A fenced broker is out of controlled shutdown: its next heartbeat lets it stop at once. */
  touch(id: number, fenced: boolean, metadataOffset: number): void {
    const broker = this.#get(id);
    broker.fenced = fenced;
    broker.metadataOffset = metadataOffset;
    if (fenced) broker.controlledShutdownOffset = -1;
  }

  fence(id: number): void {
    const broker = this.#brokers.get(id);
    if (broker !== undefined) broker.fenced = true;
  }

  remove(id: number): void {
    this.#brokers.delete(id);
  }

  /** The broker may stop once all active brokers have reached `offset`; only the first offset counts. */
  setControlledShutdownOffset(id: number, offset: number): void {
    const broker = this.#get(id);
    assert(!broker.fenced, 'a fenced broker cannot be in controlled shutdown');
    if (broker.controlledShutdownOffset < 0) broker.controlledShutdownOffset = offset;
  }

  /** Ids and fencing of the brokers that are not shutting down. */
  *usable(): Generator<{ readonly id: number; readonly fenced: boolean }> {
    for (const [id, broker] of this.#brokers) {
      if (broker.controlledShutdownOffset < 0) yield { id, fenced: broker.fenced };
    }
  }

  /** The state before and after a heartbeat. */
  nextState(
    request: BrokerHeartbeatRequest,
    registrationOffset: number,
    hasLeaderships: boolean,
  ): { readonly current: BrokerControlState; readonly next: BrokerControlState } {
    const broker = this.#get(request.brokerId);
    if (broker.controlledShutdownOffset >= 0) {
      const mayStop = !hasLeaderships && broker.controlledShutdownOffset <= this.#lowestActiveOffset();
      return { current: 'CONTROLLED_SHUTDOWN', next: mayStop ? 'SHUTDOWN_NOW' : 'CONTROLLED_SHUTDOWN' };
    }
    if (broker.fenced) return { current: 'FENCED', next: nextOfFenced(request, registrationOffset) };
    return { current: 'UNFENCED', next: nextOfUnfenced(request, hasLeaderships) };
  }

  #lowestActiveOffset(): number {
    let lowest = Number.MAX_SAFE_INTEGER;
    for (const broker of this.#brokers.values()) {
      const active = !broker.fenced && broker.controlledShutdownOffset < 0;
      if (active && broker.metadataOffset < lowest) lowest = broker.metadataOffset;
    }
    return lowest;
  }

  #get(id: number): HeartbeatState {
    const broker = this.#brokers.get(id);
    assert(broker !== undefined, `broker ${id} is not registered`);
    return broker;
  }
}

function nextOfFenced(request: BrokerHeartbeatRequest, registrationOffset: number): BrokerControlState {
  if (request.wantShutDown) return 'SHUTDOWN_NOW';
  const isCaughtUp = toNumber(request.currentMetadataOffset) >= registrationOffset;
  return !request.wantFence && isCaughtUp ? 'UNFENCED' : 'FENCED';
}

function nextOfUnfenced(request: BrokerHeartbeatRequest, hasLeaderships: boolean): BrokerControlState {
  if (request.wantFence) return request.wantShutDown ? 'SHUTDOWN_NOW' : 'FENCED';
  if (!request.wantShutDown) return 'UNFENCED';
  return hasLeaderships ? 'CONTROLLED_SHUTDOWN' : 'SHUTDOWN_NOW';
}
