/**
 * A server under test: one combined node, or a cluster of them, in folders of their own.
 */
import type { WireClient } from '../wire/wire-client.ts';
import { createNodeFiles, type Properties } from './node-files.ts';
import { ServerNode } from './server-node.ts';
import type { SystemUnderTest } from './system.ts';

export class Server {
  readonly system: SystemUnderTest;
  readonly nodes: readonly ServerNode[];

  private constructor(system: SystemUnderTest, nodes: readonly ServerNode[]) {
    this.system = system;
    this.nodes = nodes;
  }

  /** A server of `size` nodes in fresh, formatted folders below `workFolder`, with additional properties; not started. */
  static async create(
    system: SystemUnderTest,
    workFolder: string,
    size = 1,
    properties: Properties = {},
  ): Promise<Server> {
    const files = await createNodeFiles(workFolder, system.name, size, properties);
    const server = new Server(
      system,
      files.map((one) => new ServerNode(system, one)),
    );
    for (const node of server.nodes) await node.format();
    return server;
  }

  get bootstrap(): string {
    return this.nodes.map(({ address }) => address).join(',');
  }

  get pids(): readonly number[] {
    return this.nodes.map(({ pid }) => pid);
  }

  /** When the first process was spawned, as `now()` says it. */
  get spawnedAtMs(): number {
    return Math.min(...this.nodes.map(({ spawnedAtMs }) => spawnedAtMs));
  }

  /** A connection for preparations, to the first node. */
  get client(): WireClient {
    return this.nodes[0]!.client;
  }

  /** Spawns all nodes and resolves when they serve. Errors: rejects with the end of a log. */
  async start(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.start(this.nodes.length)));
  }

  /** Ends all nodes in order, at the same time; resolves with how many milliseconds that took. */
  async stop(): Promise<number> {
    return Math.max(...(await Promise.all(this.nodes.map((node) => node.stop()))));
  }

  /** kill -9 of all nodes. */
  async kill(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
  }

  /** Ends it at once and removes its folders. */
  async discard(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.discard()));
  }
}
