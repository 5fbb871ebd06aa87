/**
 * By which connection each broker sends its heartbeats to this controller: when that ends, the broker has probably ended too.
 *
 * A process that dies closes its connections at once, long before its session times out. A host that hangs or a network that breaks closes
 * none; for those the session timeout remains. Source of the idea: none of Kafka's; a closed connection is evidence, fencing is safe.
 */
import type { PeerConnection } from '@skarab/network';

/** A broker whose connection has ended may come back within this time before it is fenced. */
export const DOUBT_GRACE_MS = 500;

interface BrokerIncarnation {
  readonly id: number;
  readonly epoch: number;
}

export class BrokerConnections {
  readonly #onLost: (brokerId: number, brokerEpoch: number) => void;
  readonly #brokers = new Map<PeerConnection, BrokerIncarnation>();
  /** The newest connection of each broker; the end of an older one says nothing. */
  readonly #newest = new Map<number, PeerConnection>();

  constructor(onLost: (brokerId: number, brokerEpoch: number) => void) {
    this.#onLost = onLost;
  }

  /** The broker's heartbeat was taken. A connection that has ended meanwhile is as good as one that ends now. */
  onHeartbeat(connection: PeerConnection, id: number, epoch: number): void {
    this.#brokers.set(connection, { id, epoch });
    this.#newest.set(id, connection);
    if (connection.isClosed) this.onClosed(connection);
  }

  onClosed(connection: PeerConnection): void {
    const broker = this.#brokers.get(connection);
    if (broker === undefined) return;
    this.#brokers.delete(connection);
    if (this.#newest.get(broker.id) !== connection) return;
    this.#newest.delete(broker.id);
    this.#onLost(broker.id, broker.epoch);
  }
}
