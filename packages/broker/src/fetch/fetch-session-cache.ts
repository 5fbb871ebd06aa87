/**
 * The bounded set of fetch sessions of a broker and the rules by which a new one may push out an old one.
 *
 * Source: KIP-227, kafka.server.FetchSessionCache: followers are privileged over consumers, bigger sessions over smaller ones, and
 * a session that was not used for `evictionMs` goes before any other.
 */
import type { Random } from '@skarab/base';
import { FetchSession } from './fetch-session.ts';

export class FetchSessionCache {
  readonly #sessions = new Map<number, FetchSession>();
  readonly #maxSlots: number;
  readonly #evictionMs: number;
  readonly #random: Random;
  evictions = 0;

  /** `maxSlots` is `max.incremental.fetch.session.cache.slots`. */
  constructor(maxSlots: number, random: Random, evictionMs = 120_000) {
    this.#maxSlots = maxSlots;
    this.#evictionMs = evictionMs;
    this.#random = random;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get(id: number): FetchSession | undefined {
    return this.#sessions.get(id);
  }

  remove(id: number): void {
    this.#sessions.delete(id);
  }

  /** Moves a used session to the young end. */
  touch(session: FetchSession, nowMs: number): void {
    session.lastUsedMs = nowMs;
    if (this.#sessions.delete(session.id)) this.#sessions.set(session.id, session);
  }

  /** Makes room and a session, or answers undefined when every kept one has a better claim. */
  maybeCreate(size: number, usesTopicIds: boolean, isFollower: boolean, nowMs: number): FetchSession | undefined {
    if (this.#maxSlots <= 0) return undefined;
    if (this.#sessions.size >= this.#maxSlots && !this.#tryEvict(size, isFollower, nowMs)) return undefined;
    const session = new FetchSession(this.#freshId(), usesTopicIds, isFollower, nowMs);
    this.#sessions.set(session.id, session);
    return session;
  }

  #freshId(): number {
    for (;;) {
      const id = 1 + this.#random.int(0x7ffffffe);
      if (!this.#sessions.has(id)) return id;
    }
  }

  #tryEvict(size: number, isFollower: boolean, nowMs: number): boolean {
    const oldest = this.#sessions.values().next().value;
    if (oldest === undefined) return false;
    let victim: FetchSession | undefined = nowMs - oldest.lastUsedMs > this.#evictionMs ? oldest : undefined;
    if (victim === undefined) {
      for (const session of this.#sessions.values()) {
        if (nowMs - session.createdMs <= this.#evictionMs) continue;
        const weaker = isFollower === session.isFollower ? session.size < size : isFollower;
        if (weaker && (victim === undefined || session.size < victim.size)) victim = session;
      }
    }
    if (victim === undefined) return false;
    this.#sessions.delete(victim.id);
    this.evictions++;
    return true;
  }
}
