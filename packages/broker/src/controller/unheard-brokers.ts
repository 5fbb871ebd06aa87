/**
 * A new active controller supposes that all unfenced brokers live, and living ones send it a heartbeat at once. One that died together with the
 * controller before it never will: who has not been heard of soon is called at the address of its registration, and doubted when it takes no
 * connection.
 *
 * Fencing a broker wrongly is safe: its next heartbeat unfences it. One that does not answer at all has its session, as with Kafka.
 */
import type { Clock } from '@skarab/base';
import type { BrokerIdAndEpoch, LeaderAndEpoch, MetadataImage, MetadataPublisher } from '@skarab/metadata';
import type { Address, Dialer } from '@skarab/network';
import { presenceAt } from '../channel/presence.ts';
import { DOUBT_GRACE_MS } from './broker-connections.ts';

/** Time for the first heartbeats to a new controller. */
const HEARTBEATS_MS = 500;
/** Time for a connection to be taken or refused. */
const CALL_MS = 2000;

/** The controller of this node. */
export interface DoubtingController {
  readonly image: MetadataImage;
  readonly leader: LeaderAndEpoch;
  readonly unheardBrokers: readonly BrokerIdAndEpoch[] | null;
  doubtBroker(brokerId: number, brokerEpoch: number | null, graceMs: number): void;
}

export class UnheardBrokers implements MetadataPublisher {
  readonly name = 'unheard-brokers';
  readonly #nodeId: number;
  readonly #controller: DoubtingController;
  readonly #dialer: Dialer;
  readonly #clock: Clock;

  constructor(nodeId: number, controller: DoubtingController, dialer: Dialer, clock: Clock) {
    this.#nodeId = nodeId;
    this.#controller = controller;
    this.#dialer = dialer;
    this.#clock = clock;
  }

  onControllerChange({ leaderId, epoch }: LeaderAndEpoch): void {
    if (leaderId === this.#nodeId) this.#lookLater(epoch);
  }

  #lookLater(epoch: number): void {
    this.#clock.after(HEARTBEATS_MS, () => {
      const { leader, unheardBrokers, image } = this.#controller;
      if (leader.leaderId !== this.#nodeId || leader.epoch !== epoch) return;
      // The leader of the quorum becomes the active controller once it has read all that is committed.
      if (unheardBrokers === null) this.#lookLater(epoch);
      for (const broker of unheardBrokers ?? []) {
        const address = image.cluster.brokers.get(broker.id)?.listeners.values().next().value;
        if (address !== undefined) void this.#call(broker, address);
      }
    });
  }

  async #call({ id, epoch }: BrokerIdAndEpoch, address: Address): Promise<void> {
    const presence = await presenceAt(address, this.#dialer, this.#clock, CALL_MS);
    if (presence === 'absent') this.#controller.doubtBroker(id, epoch, DOUBT_GRACE_MS);
  }
}
