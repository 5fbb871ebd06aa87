/**
 * A consumer that commits offsets to a group, each greater than the one before, and wants to find the last one again.
 *
 * A commit that was not answered may take effect whenever it arrives, so it may be found as well. The group has no members: the offsets are all there is.
 */
import { ErrorCode, errorName } from '@skarab/protocol';
import type { Simulation } from '../cluster/simulation.ts';
import { CoordinatorClient, KeyType } from './coordinator-client.ts';
import { GroupOffsets } from './group-offsets.ts';
import { SimClient } from './sim-client.ts';

const GROUP = 'readers';
const MAX_PAUSE_MS = 200;

export class Committer {
  readonly #client: SimClient;
  readonly #coordinator: CoordinatorClient;
  readonly #offsets: GroupOffsets;
  readonly #simulation: Simulation;
  /** Commits that were sent more than once: one of them may arrive late. */
  readonly #repeated = new Set<number>();
  #last = 0;
  #isStopped = false;
  #running: Promise<void> | undefined;

  constructor(simulation: Simulation, process: number, topic: string) {
    this.#simulation = simulation;
    this.#client = new SimClient(simulation, process);
    this.#coordinator = new CoordinatorClient(this.#client, KeyType.GROUP, GROUP);
    this.#offsets = new GroupOffsets(this.#coordinator, topic);
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => this.#simulation.violation(error));
  }

  /** Ends after the commit under way is acknowledged, and looks for it. Errors: Error when something else is found. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    const { offset } = await this.#offsets.committed(0);
    this.#client.close();
    if (offset !== this.#last && !this.#repeated.has(offset))
      throw new Error(`offset ${this.#last} of group ${GROUP} was acknowledged, and ${offset} is found`);
  }

  async #run(): Promise<void> {
    for (let offset = 1; !this.#isStopped; offset++) {
      const { retries } = this.#coordinator;
      const errorCode = await this.#offsets.commit(0, offset);
      if (errorCode !== ErrorCode.NONE) throw new Error(`commit of ${offset} to ${GROUP}: ${errorName(errorCode)}`);
      if (this.#coordinator.retries > retries) this.#repeated.add(offset);
      this.#last = offset;
      await this.#client.pause(this.#simulation.random.int(MAX_PAUSE_MS));
    }
  }
}
