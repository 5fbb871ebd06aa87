/**
 * The running servers, one per system: started when first asked for, replaced when a scenario wants fresh ones, or of another size, or one
 * has failed.
 */
import { Server } from '../systems/server.ts';
import type { SystemUnderTest } from '../systems/system.ts';

export class Fleet {
  readonly #workFolder: string;
  readonly #servers = new Map<string, Server>();

  constructor(workFolder: string) {
    this.#workFolder = workFolder;
  }

  /** The running server of a system, of that many nodes. */
  async get(system: SystemUnderTest, size: number): Promise<Server> {
    const running = this.#servers.get(system.name);
    if (running?.nodes.length === size) return running;
    await this.discard(system);
    const server = await Server.create(system, this.#workFolder, size);
    try {
      await server.start();
    } catch (error) {
      await server.discard();
      throw error;
    }
    this.#servers.set(system.name, server);
    return server;
  }

  /** Ends the server of a system, if there is one; the next `get` starts another. */
  async discard(system: SystemUnderTest): Promise<void> {
    const server = this.#servers.get(system.name);
    this.#servers.delete(system.name);
    await server?.discard();
  }

  /** Ends all servers. */
  async discardAll(): Promise<void> {
    const servers = [...this.#servers.values()];
    this.#servers.clear();
    for (const server of servers) await server.discard();
  }
}
