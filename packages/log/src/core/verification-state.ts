/**
 * Proof that a transaction coordinator knows of a transaction before its first record is written to a partition (KIP-890).
 *
 * A guard is made when verification starts, handed through the round trip to the coordinator, and must still be the same one when the
 * records are appended: in between the transaction may have been aborted and a new one begun.
 * Source: org.apache.kafka.storage.internals.log.VerificationStateEntry and VerificationGuard.
 */

/** The identity of one verification. */
export class VerificationGuard {
  /** "No verification": never proves anything. */
  static readonly none = new VerificationGuard();
}

export class VerificationState {
  readonly guard = new VerificationGuard();
  readonly createdMs: number;
  readonly supportsEpochBump: boolean;
  lowestSequence: number;
  epoch: number;

  constructor(createdMs: number, sequence: number, epoch: number, supportsEpochBump: boolean) {
    this.createdMs = createdMs;
    this.lowestSequence = sequence;
    this.epoch = epoch;
    this.supportsEpochBump = supportsEpochBump;
  }

  /** Keeps the lowest sequence seen in the newest epoch: until it is written, higher ones are turned away. */
  onSequence(sequence: number, epoch: number): void {
    if (epoch === this.epoch && sequence < this.lowestSequence) this.lowestSequence = sequence;
    if (epoch > this.epoch) {
      this.epoch = epoch;
      this.lowestSequence = sequence;
    }
  }
}
