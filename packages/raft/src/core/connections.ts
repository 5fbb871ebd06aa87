/**
 * What is under way to other replicas: at most one request to each, and a pause after one that failed.
 *
 *     ready ──send──▶ waiting ──response, timeout──▶ ready
 *                        └───error──▶ backing off ──retry.backoff.ms──▶ ready
 *
 * A response counts only while its request is the one that is waited for. Source: org.apache.kafka.raft.RequestManager.
 */
import type { Random } from '@skarab/base';
import type { NodeAddress } from './raft-messages.ts';

interface Waiting {
  readonly kind: 'waiting';
  readonly requestId: number;
  readonly untilMs: number;
}

interface BackingOff {
  readonly kind: 'backingOff';
  readonly untilMs: number;
}

/** The state of the requests to each node. */
export class Connections {
  readonly #bootstrapServers: readonly NodeAddress[];
  readonly #retryBackoffMs: number;
  readonly #requestTimeoutMs: number;
  readonly #random: Random;
  /** Nodes that are not in here are ready. */
  readonly #states = new Map<number, Waiting | BackingOff>();

  constructor(
    bootstrapServers: readonly NodeAddress[],
    retryBackoffMs: number,
    requestTimeoutMs: number,
    random: Random,
  ) {
    this.#bootstrapServers = bootstrapServers;
    this.#retryBackoffMs = retryBackoffMs;
    this.#requestTimeoutMs = requestTimeoutMs;
    this.#random = random;
  }

  /** When the node may be sent to: now or earlier, if it is ready. */
  readyAtMs({ nodeId }: NodeAddress, nowMs: number): number {
    return this.#states.get(nodeId)?.untilMs ?? nowMs;
  }

  isBackingOff({ nodeId }: NodeAddress, nowMs: number): boolean {
    const state = this.#states.get(nodeId);
    return state?.kind === 'backingOff' && nowMs < state.untilMs;
  }

  hasTimedOut({ nodeId }: NodeAddress, nowMs: number): boolean {
    const state = this.#states.get(nodeId);
    return state?.kind === 'waiting' && nowMs >= state.untilMs;
  }

  /** When the last request that is waited for times out; null when there is none. At most one fetch is under way at a time. */
  waitingUntilMs(nowMs: number): number | null {
    for (const state of this.#states.values()) {
      if (state.kind === 'waiting' && nowMs < state.untilMs) return state.untilMs;
    }
    return null;
  }

  /** A bootstrap server that is ready, by chance; null while any request is under way or all are backing off. */
  readyBootstrapServer(nowMs: number): NodeAddress | null {
    const count = this.#bootstrapServers.length;
    if (count === 0 || this.waitingUntilMs(nowMs) !== null) return null;
    const first = this.#random.int(count);
    for (let i = 0; i < count; i++) {
      const server = this.#bootstrapServers[(first + i) % count]!;
      if (this.readyAtMs(server, nowMs) <= nowMs) return server;
    }
    return null;
  }

  /** When a bootstrap server may become ready. */
  bootstrapReadyAtMs(nowMs: number): number {
    const waitingUntilMs = this.waitingUntilMs(nowMs);
    if (waitingUntilMs !== null) return waitingUntilMs;
    let atMs = Number.POSITIVE_INFINITY;
    for (const server of this.#bootstrapServers) atMs = Math.min(atMs, this.readyAtMs(server, nowMs));
    return atMs;
  }

  isExpected({ nodeId }: NodeAddress, requestId: number): boolean {
    const state = this.#states.get(nodeId);
    return state?.kind === 'waiting' && state.requestId === requestId;
  }

  onSent({ nodeId }: NodeAddress, requestId: number, nowMs: number): void {
    this.#states.set(nodeId, { kind: 'waiting', requestId, untilMs: nowMs + this.#requestTimeoutMs });
  }

  /** The request was answered; `isSuccess` is false when the node is to be left alone for a while. */
  onResponse(node: NodeAddress, requestId: number, isSuccess: boolean, nowMs: number): void {
    if (!this.isExpected(node, requestId)) return;
    if (isSuccess) this.#states.delete(node.nodeId);
    else this.#states.set(node.nodeId, { kind: 'backingOff', untilMs: nowMs + this.#retryBackoffMs });
  }

  reset({ nodeId }: NodeAddress): void {
    this.#states.delete(nodeId);
  }

  /** Forgets everything: late responses will not be expected any more. */
  resetAll(): void {
    this.#states.clear();
  }
}
