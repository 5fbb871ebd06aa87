/**
 * Tells the listener who leads: of others at once, of this node only when everything committed before its epoch has been delivered.
 *
 * Source: KafkaRaftClient.ListenerContext (maybeFireLeaderChange).
 */
import type { LeaderAndEpoch, RaftListener } from './listener.ts';
import type { LogDelivery } from './log-delivery.ts';

/** What is known of the leader, and what has been told. */
export class LeaderNews {
  readonly #nodeId: number;
  readonly #listener: RaftListener;
  readonly #delivery: LogDelivery;
  #leader: LeaderAndEpoch = { leaderId: null, epoch: 0 };
  /** A change that the listener is not yet ready for. */
  #untold: { readonly leader: LeaderAndEpoch; readonly epochStartOffset: number } | null = null;
  #resolve: () => void = () => {};
  #reject: (error: Error) => void = () => {};
  /** Resolves when the listener has been told of a leader. Errors: rejects when the replica stops before that. */
  readonly known: Promise<void>;

  constructor(nodeId: number, listener: RaftListener, delivery: LogDelivery) {
    this.#nodeId = nodeId;
    this.#listener = listener;
    this.#delivery = delivery;
    this.known = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.known.catch(() => {});
  }

  /** Who leads, as the listener has been told. */
  get leader(): LeaderAndEpoch {
    return this.#leader;
  }

  /** Another leads, or nobody. `highWatermark` is null while the listener does not have what was committed before. */
  change(leader: LeaderAndEpoch, epochStartOffset: number, highWatermark: number | null): void {
    this.#untold = { leader, epochStartOffset };
    this.tell(highWatermark ?? Number.POSITIVE_INFINITY);
  }

  /** Everything before `highWatermark` has been delivered. */
  tell(highWatermark: number): void {
    if (this.#untold === null) return;
    const { leader, epochStartOffset } = this.#untold;
    const isLocal = leader.leaderId === this.#nodeId;
    const { nextOffset } = this.#delivery;
    if (isLocal && (nextOffset <= epochStartOffset || nextOffset < highWatermark)) return;
    this.#untold = null;
    const wasLocal = this.#leader.leaderId === this.#nodeId;
    this.#leader = leader;
    this.#listener.handleLeaderChange(leader);
    // A former leader forgets what was not committed, so it has to be told of it as everybody else.
    if (wasLocal && !isLocal) this.#delivery.skipTo(this.#listener.nextOffset);
    if (leader.leaderId !== null) this.#resolve();
  }

  /** The replica stops. */
  fail(error: Error): void {
    this.#reject(error);
  }
}
