/**
 * Are there enough voters for a quorum? Each is asked for a connection, which nobody whose process has ended takes.
 *
 * A voter that does not answer in time may be there all the same (its host hangs, the network is broken): only one that takes no connection counts as
 * absent. The node that asks is present. Shape: host, over the dialer port.
 */
import type { Clock } from '@skarab/base';
import type { VoterAddress } from '@skarab/metadata';
import type { Address, Dialer } from '@skarab/network';

/** Who is called. */
export interface RollCallOptions {
  readonly nodeId: number;
  /** How many voters there are. */
  readonly voterCount: () => number;
  /** The voters whose address is known. */
  readonly addresses: () => readonly VoterAddress[];
  readonly dialer: Dialer;
  readonly clock: Clock;
}

/** A connection on a network that works comes about, or is refused, much sooner. */
const ANSWER_MS = 500;

export class RollCall {
  readonly #options: RollCallOptions;

  constructor(options: RollCallOptions) {
    this.#options = options;
  }

  /** False when so many voters take no connection that the others are no majority. Takes half a second at most. */
  async isQuorumPossible(): Promise<boolean> {
    const { nodeId, voterCount, addresses } = this.#options;
    const others = addresses().filter((voter) => voter.nodeId !== nodeId);
    const absences = await Promise.all(others.map((voter) => this.#isAbsent(voter)));
    const absent = absences.filter((isAbsent) => isAbsent).length;
    return absent < Math.ceil(voterCount() / 2) || absent === 0;
  }

  #isAbsent(address: Address): Promise<boolean> {
    const { dialer, clock } = this.#options;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const conversation = dialer.dial(address, {
      onOpen: () => resolve(false),
      onBytes: () => {},
      onClosed: () => resolve(true),
    });
    const timer = clock.after(ANSWER_MS, () => resolve(false));
    return promise.finally(() => {
      timer.cancel();
      conversation.close();
    });
  }
}
