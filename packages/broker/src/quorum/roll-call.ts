/**
 * Are there enough voters for a quorum? Each is asked for a connection; only one that takes none counts as absent.
 *
 * The node that asks is present. Shape: host, over the dialer port.
 */
import type { Clock } from '@skarab/base';
import type { VoterAddress } from '@skarab/metadata';
import type { Dialer } from '@skarab/network';
import { presenceAt } from '../channel/presence.ts';

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
    const { nodeId, voterCount, addresses, dialer, clock } = this.#options;
    const others = addresses().filter((voter) => voter.nodeId !== nodeId);
    const presences = await Promise.all(others.map((voter) => presenceAt(voter, dialer, clock, ANSWER_MS)));
    const absent = presences.filter((presence) => presence === 'absent').length;
    return absent < Math.ceil(voterCount() / 2) || absent === 0;
  }
}
