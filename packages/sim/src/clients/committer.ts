/**
 * A consumer that commits offsets to a group, each greater than the one before, and wants to find the last one again.
 *
 * A commit that was not answered may take effect whenever it arrives, so it may be found as well. The group has no members: the offsets are all there is.
 */
import { ErrorCode, errorName } from '@skarab/protocol';
import type { Simulation } from '../cluster/simulation.ts';
import { CoordinatorClient, KeyType } from './coordinator-client.ts';
import { GroupOffsets } from './group-offsets.ts';
import { RunningClient } from './running-client.ts';

const GROUP = 'readers';
const MAX_PAUSE_MS = 200;

export class Committer extends RunningClient {
  readonly #coordinator: CoordinatorClient;
  readonly #offsets: GroupOffsets;
  /** Commits that were sent more than once: one of them may arrive late. */
  readonly #repeated = new Set<number>();
  #last = 0;

  constructor(simulation: Simulation, process: number, topic: string) {
    super(simulation, process);
    this.#coordinator = new CoordinatorClient(this.client, KeyType.GROUP, GROUP);
    this.#offsets = new GroupOffsets(this.#coordinator, topic);
  }

  /** Looks for the last commit. Errors: Error when something else is found. */
  protected override async finish(): Promise<void> {
    const { offset } = await this.#offsets.committed(0);
    if (offset !== this.#last && !this.#repeated.has(offset))
      throw new Error(`offset ${this.#last} of group ${GROUP} was acknowledged, and ${offset} is found`);
  }

  protected async run(): Promise<void> {
    for (let offset = 1; !this.isStopped; offset++) {
      const { retries } = this.#coordinator;
      const errorCode = await this.#offsets.commit(0, offset);
      if (errorCode !== ErrorCode.NONE) throw new Error(`commit of ${offset} to ${GROUP}: ${errorName(errorCode)}`);
      if (this.#coordinator.retries > retries) this.#repeated.add(offset);
      this.#last = offset;
      await this.client.pause(this.simulation.random.int(MAX_PAUSE_MS));
    }
  }
}
