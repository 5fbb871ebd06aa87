/**
 * The state machine above a simulated replica: a number that all records together make, and which snapshots carry.
 *
 * All that any replica takes for committed is written into one book, in which two replicas that disagree meet.
 */
import type { Turns } from '@skarab/base';
import type { CommittedBatch } from '../../core/committed-batch.ts';
import type { LeaderAndEpoch, RaftListener, SnapshotContents } from '../../host/listener.ts';
import { Violation } from './violation.ts';

/** The state after some offset, of the last batch that ends there. */
interface State {
  readonly hash: number;
  readonly epoch: number;
}

/** What is committed, as all replicas together know it: the state at each offset where a batch ended. */
export class CommittedBook {
  readonly #states = new Map<number, State>();
  #endOffset = 0;

  /** Up to where anything is committed. */
  get endOffset(): number {
    return this.#endOffset;
  }

  /** A replica takes everything before `offset` for committed, and has this state then. */
  enter(nodeId: number, offset: number, state: State): void {
    const known = this.#states.get(offset);
    if (known === undefined) {
      this.#states.set(offset, state);
      this.#endOffset = Math.max(this.#endOffset, offset);
    } else if (known.hash !== state.hash || known.epoch !== state.epoch) {
      throw new Violation(
        `node ${nodeId} has committed something else up to ${offset} than others have: ${JSON.stringify([known, state])}`,
      );
    }
  }

  epochAt(offset: number): number | undefined {
    return this.#states.get(offset)?.epoch;
  }
}

interface Step {
  readonly endOffset: number;
  readonly state: State;
}

/** A replica's state machine. */
export class SimulatedStateMachine implements RaftListener {
  readonly #nodeId: number;
  readonly #book: CommittedBook;
  #stable: Step = { endOffset: 0, state: { hash: 0, epoch: 0 } };
  /** Steps that are not committed yet: the leader's own. */
  #pending: Step[] = [];
  leader: LeaderAndEpoch = { leaderId: null, epoch: 0 };
  /** Snapshots that were loaded. */
  snapshotCount = 0;

  constructor(nodeId: number, book: CommittedBook) {
    this.#nodeId = nodeId;
    this.#book = book;
  }

  get nextOffset(): number {
    return this.#stable.endOffset;
  }

  /** The committed state and where it ends. */
  get stable(): Step {
    return this.#stable;
  }

  /** What a snapshot of the committed state holds; two records, and enough of them to be fetched in pieces. */
  snapshotValues(): Uint8Array[] {
    const { hash } = this.#stable.state;
    return [Buffer.from(`state ${hash}`), Buffer.alloc(600, 'x')];
  }

  /** The leader appends this itself. */
  append(batch: Pick<CommittedBatch, 'lastOffset' | 'epoch' | 'values'>): void {
    this.#pending.push(this.#next(batch));
  }

  *handleSnapshot({ id, batches }: SnapshotContents): Turns<void> {
    const first = [...batches].flatMap(({ values }) => values)[0];
    const hash = Number(Buffer.from(first!).toString().split(' ')[1]);
    this.#stable = { endOffset: id.offset, state: { hash, epoch: id.epoch } };
    this.#pending = [];
    this.snapshotCount++;
    this.#book.enter(this.#nodeId, id.offset, this.#stable.state);
  }

  // biome-ignore lint/correctness/useYield: takes no more than a turn
  *handleBatches(batches: readonly CommittedBatch[]): Turns<void> {
    for (const batch of batches) this.#pending.push(this.#next(batch));
  }

  handleHighWatermark(offset: number): void {
    for (let step = this.#pending[0]; step !== undefined && step.endOffset <= offset; step = this.#pending[0]) {
      this.#pending.shift();
      this.#stable = step;
      this.#book.enter(this.#nodeId, step.endOffset, step.state);
    }
  }

  handleLeaderChange(leader: LeaderAndEpoch): void {
    const wasLocal = this.leader.leaderId === this.#nodeId;
    this.leader = leader;
    if (wasLocal && leader.leaderId !== this.#nodeId) this.#pending = [];
  }

  #next({ lastOffset, epoch, values }: Pick<CommittedBatch, 'lastOffset' | 'epoch' | 'values'>): Step {
    const { state, endOffset } = this.#pending.at(-1) ?? this.#stable;
    let hash = Math.imul(state.hash ^ endOffset, 0x01000193) >>> 0;
    for (const value of values) for (const byte of value) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    return { endOffset: lastOffset + 1, state: { hash, epoch } };
  }
}
