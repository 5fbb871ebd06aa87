/**
 * A process of a client that does its work until it is stopped, or dies.
 */
import type { Simulation } from '../cluster/simulation.ts';
import { SimClient } from './sim-client.ts';

export abstract class RunningClient {
  protected readonly simulation: Simulation;
  protected readonly client: SimClient;
  #isStopped = false;
  #running: Promise<void> | undefined;

  /** `process` is the one that it is on the network. */
  constructor(simulation: Simulation, process: number) {
    this.simulation = simulation;
    this.client = new SimClient(simulation, process);
  }

  /** What must not be ends the run. */
  start(): void {
    this.#running = this.run().catch((error: unknown) => this.simulation.violation(error));
  }

  /** Ends after what is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#running;
    await this.finish();
    this.client.close();
  }

  /** Dies at once, in the middle of whatever it does. */
  kill(): void {
    this.client.kill();
  }

  protected get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Works until it is stopped. Errors: what must not be. */
  protected abstract run(): Promise<void>;

  /** What is left to do when it is stopped. Errors: what must not be. */
  protected async finish(): Promise<void> {}
}
