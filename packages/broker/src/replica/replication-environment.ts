/**
 * What a partition needs from the broker around it to be replicated: time, who is alive, and the way to the controller.
 */
import type { IsrAnswer, IsrProposal } from './isr-state.ts';

/** The broker as its partitions see it. */
export interface ReplicationEnvironment {
  readonly nodeId: number;
  /** Epoch that the controller gave this broker; -1 before. */
  brokerEpoch(): number;
  /** Epoch of a broker that is alive in the newest metadata; undefined for one that is fenced or unknown. */
  aliveBrokerEpoch(brokerId: number): number | undefined;
  /** Whether a broker is on its way out (KIP-841). */
  isShuttingDown(brokerId: number): boolean;
  /** `replica.lag.time.max.ms`. */
  lagTimeMaxMs(): number;
  monotonicMs(): number;
  /** Asks the controller for another ISR; `onAnswer` is called once, later. */
  proposeIsr(proposal: IsrProposal, onAnswer: (answer: IsrAnswer) => void): void;
  /** For the figures: what became of a proposal. */
  onIsrUpdate(update: IsrUpdate): void;
}

/** A proposal that was taken, or one that failed. */
export type IsrUpdate = 'expanded' | 'shrunk' | 'failed';
