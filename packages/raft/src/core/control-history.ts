/**
 * Which voters and which `kraft.version` held at which offset: what control records in snapshots and log have said so far.
 *
 * The newest entry counts even before it is committed; truncating the log takes it back. Source: org.apache.kafka.raft.internals
 * (KRaftControlRecordStateMachine, VoterSetHistory, TreeMapLogHistory); KIP-853.
 */
import type { ControlMessage } from './control-message.ts';
import { VoterSet } from './voter-set.ts';

interface Entry<T> {
  readonly offset: number;
  readonly value: T;
}

/** Values by offset, ascending. */
class OffsetHistory<T> {
  #entries: Entry<T>[] = [];

  get last(): Entry<T> | undefined {
    return this.#entries.at(-1);
  }

  add(offset: number, value: T): void {
    this.#entries = [...this.#entries.filter((entry) => entry.offset < offset), { offset, value }];
  }

  at(offset: number): T | undefined {
    return this.#entries.findLast((entry) => entry.offset <= offset)?.value;
  }

  truncateFrom(offset: number): void {
    this.#entries = this.#entries.filter((entry) => entry.offset < offset);
  }

  /** Forgets what a snapshot up to `offset` makes superfluous: all but the last entry at or before it. */
  truncateBefore(offset: number): void {
    const keep = this.#entries.findLast((entry) => entry.offset <= offset);
    this.#entries = this.#entries.filter((entry) => entry.offset > offset || entry === keep);
  }

  clear(): void {
    this.#entries = [];
  }
}

/** Voters and protocol version along the log. */
export class ControlHistory {
  readonly #staticVoters: VoterSet;
  readonly #voters = new OffsetHistory<VoterSet>();
  readonly #versions = new OffsetHistory<number>();

  /** `staticVoters`: those of the configuration, which count until the log names others. */
  constructor(staticVoters: VoterSet = new VoterSet()) {
    this.#staticVoters = staticVoters;
  }

  get voters(): VoterSet {
    return this.#voters.last?.value ?? this.#staticVoters;
  }

  /** The voters before the newest ones. */
  get previousVoters(): VoterSet {
    const { votersOffset } = this;
    return (votersOffset === null ? undefined : this.#voters.at(votersOffset - 1)) ?? this.#staticVoters;
  }

  /** Offset of the record that named the voters; -1 when formatting did, null when the configuration does. */
  get votersOffset(): number | null {
    return this.#voters.last?.offset ?? null;
  }

  get kraftVersion(): number {
    return this.#versions.last?.value ?? 0;
  }

  votersAt(offset: number): VoterSet | undefined {
    return this.#voters.at(offset);
  }

  kraftVersionAt(offset: number): number {
    return this.#versions.at(offset) ?? 0;
  }

  /** Takes in a control record of the log, or of a snapshot whose last offset is `offset`. */
  replay(offset: number, message: ControlMessage): void {
    if (message.type === 'Voters') this.#voters.add(offset, message.voters);
    else if (message.type === 'KraftVersion') this.#versions.add(offset, message.version);
  }

  /** The log was cut at `offset`. */
  truncateFrom(offset: number): void {
    this.#voters.truncateFrom(offset);
    this.#versions.truncateFrom(offset);
  }

  /** A snapshot reaches up to `offset`. */
  truncateBefore(offset: number): void {
    this.#voters.truncateBefore(offset);
    this.#versions.truncateBefore(offset);
  }

  /** A snapshot replaces everything. */
  clear(): void {
    this.#voters.clear();
    this.#versions.clear();
  }
}
