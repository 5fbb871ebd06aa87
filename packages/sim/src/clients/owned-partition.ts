/**
 * What a member of a group does with a partition that it owns: finds the position, reads on, and commits now and then.
 */
import { ErrorCode, errorName } from '@skarab/protocol';
import { iterateBatches } from '@skarab/records';
import { PASSING_ERRORS } from './coordinator-client.ts';
import type { GroupOffsets } from './group-offsets.ts';
import type { Owners } from './owners.ts';
import { PartitionFetcher } from './partition-fetcher.ts';
import type { SimClient } from './sim-client.ts';

const BACKOFF_MS = 200;
const COMMIT_SHARE = 0.3;
const FINAL_COMMITS = 3;

/** The member is behind, or no member any more: it learns of that with its next heartbeat. */
const OUTDATED: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_MEMBER_ID,
  ErrorCode.STALE_MEMBER_EPOCH,
  ErrorCode.ILLEGAL_GENERATION,
  ErrorCode.REBALANCE_IN_PROGRESS,
  ErrorCode.GROUP_ID_NOT_FOUND,
  ErrorCode.FENCED_INSTANCE_ID,
]);

export class OwnedPartition {
  readonly #client: SimClient;
  readonly #partition: number;
  readonly #offsets: GroupOffsets;
  readonly #owners: Owners;
  readonly #fetcher: PartitionFetcher;
  #position: number | undefined;
  #committed = 0;
  #isGivenUp = false;
  readonly #running: Promise<void>;

  constructor(
    client: SimClient,
    { topic, partition }: { readonly topic: string; readonly partition: number },
    { offsets, owners }: { readonly offsets: GroupOffsets; readonly owners: Owners },
  ) {
    this.#client = client;
    this.#partition = partition;
    this.#offsets = offsets;
    this.#owners = owners;
    this.#fetcher = new PartitionFetcher(client, topic, partition);
    this.#running = this.#run().catch((error: unknown) => client.simulation.violation(error));
  }

  /** Nothing is read or committed any more. */
  drop(): void {
    this.#isGivenUp = true;
  }

  /** Ends what is under way and commits the position, unless that takes too long. */
  async giveUp(): Promise<void> {
    this.#isGivenUp = true;
    await this.#running;
    for (let i = 0; i < FINAL_COMMITS && this.#isBehind; i++) await this.#commit();
  }

  get #isBehind(): boolean {
    return this.#position !== undefined && this.#position > this.#committed;
  }

  async #run(): Promise<void> {
    const position = await this.#findPosition();
    if (position === undefined) return;
    this.#position = this.#committed = position;
    while (!this.#isGivenUp) {
      const answer = await this.#fetcher.fetch(this.#position);
      if (this.#isGivenUp) return;
      if (answer?.records instanceof Uint8Array) this.#deliver(answer.records);
      if (this.#isBehind && this.#client.simulation.random.next() < COMMIT_SHARE) await this.#commit();
    }
  }

  async #findPosition(): Promise<number | undefined> {
    while (!this.#isGivenUp) {
      const atLeast = this.#owners.committedOf(this.#partition);
      const answer = await this.#offsets.committedOnce(this.#partition);
      if (answer?.errorCode === ErrorCode.NONE) {
        const position = Math.max(0, answer.offset);
        if (!this.#isGivenUp) this.#owners.foundPosition(this.#partition, position, atLeast);
        return position;
      }
      check('OffsetFetch', answer?.errorCode);
      await this.#client.pause(BACKOFF_MS);
    }
    return undefined;
  }

  #deliver(bytes: Uint8Array): void {
    for (const batch of iterateBatches(bytes)) {
      for (const { offset, value } of batch.records()) {
        if (offset < this.#position!) continue;
        this.#owners.deliver(this.#partition, offset, Buffer.from(value!).toString());
        this.#position = offset + 1;
      }
    }
  }

  async #commit(): Promise<void> {
    const position = this.#position!;
    const errorCode = await this.#offsets.commitOnce(this.#partition, position);
    if (errorCode === ErrorCode.NONE) {
      this.#committed = position;
      this.#owners.commit(this.#partition, position);
    } else {
      if (errorCode === undefined) this.#owners.loseCommit(this.#partition, position);
      check('OffsetCommit', errorCode);
      await this.#client.pause(BACKOFF_MS);
    }
  }
}

function check(what: string, errorCode: number | undefined): void {
  if (errorCode === undefined || PASSING_ERRORS.has(errorCode) || OUTDATED.has(errorCode)) return;
  throw new Error(`${what} is answered ${errorName(errorCode)}`);
}
