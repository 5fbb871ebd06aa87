/**
 * A script of calls to three combined nodes, the JVM's and ours, whose two transcripts must be the same.
 *
 * Every call goes to one node, so that most are for another one to decide.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { NodeProcess } from '../../tools/cluster/node-process.ts';
import type { ClusterPlan, ProcessCluster } from '../../tools/cluster/process-cluster.ts';
import type { Distribution } from '../../tools/kafka-jvm/jvm.ts';
import { type CallOptions, type Entry, Session } from '../jvm-tools/transcript.ts';
import { requireTools, startCluster, type Tools, until } from './harness.ts';

/** What differs between any two clusters, and what stands for it. */
export type Mask = readonly (readonly [RegExp, string])[];

/** The calls of one cluster, each by way of a node of choice. */
export class ClusterSession {
  readonly cluster: ProcessCluster;
  readonly entries: Entry[] = [];
  readonly #sessions: readonly Session[];
  readonly #mask: Mask;

  constructor(cluster: ProcessCluster, { jvm, server }: Tools, mask: Mask) {
    this.cluster = cluster;
    this.#mask = [
      ...mask,
      ...cluster.nodes.flatMap(
        ({ id, port, controllerPort }): Mask => [
          [new RegExp(`\\b${port}\\b`, 'g'), `PORT_${id}`],
          [new RegExp(`\\b${controllerPort}\\b`, 'g'), `CONTROLLER_PORT_${id}`],
        ],
      ),
    ];
    this.#sessions = cluster.nodes.map((node) => new Session(asBroker(node), jvm, server));
  }

  async via(id: number, name: string, command: string, options: CallOptions = {}): Promise<string> {
    const { stdout, entries } = await this.#call(id, name, command, options);
    this.entries.push(...entries);
    return stdout;
  }

  async #call(id: number, name: string, command: string, options: CallOptions) {
    const session = this.#sessions[id - 1]!;
    const mask = [...(options.mask ?? []), ...this.#mask];
    const { stdout } = await session.tool(name, command, { ...options, mask });
    return { stdout, entries: session.entries.splice(0) };
  }

  /** Asks until several answers in a row are as wanted, since any node may give them; none of it is in the transcript. */
  async untilVia(id: number, name: string, command: string, isWanted: (answer: string) => boolean): Promise<void> {
    let inARow = 0;
    const ask = async () => (await this.#sessions[id - 1]!.tool(name, command, { unrecorded: true })).stdout;
    const isSettled = (answer: string): boolean => {
      inARow = isWanted(answer) ? inARow + 1 : 0;
      return inARow === 3;
    };
    await until(ask, isSettled, `${name} ${command}`, 60_000);
  }

  /** Asks until the answer is as wanted, which alone is in the transcript: the next one could be another node's, that lags behind. */
  async viaOnce(
    id: number,
    name: string,
    command: string,
    isWanted: (answer: string) => boolean,
    options: CallOptions = {},
  ): Promise<void> {
    const ask = () => this.#call(id, name, command, options);
    const { entries } = await until(ask, ({ stdout }) => isWanted(stdout), `${name} ${command}`, 60_000);
    this.entries.push(...entries);
  }
}

function asBroker(node: NodeProcess) {
  const { port, controllerPort, dataDir, propertiesFile, logFile } = node;
  const ports = { port: port ?? -1, controllerPort: controllerPort ?? -1 };
  const ends = { stop: () => node.stop(), kill: () => node.kill() };
  return { ...ports, ...ends, bootstrapServers: `127.0.0.1:${port}`, pid: -1, dataDir, propertiesFile, logFile };
}

/** Runs a script on our cluster and on the JVM's. */
export async function compareClusters(
  t: TestContext,
  mask: Mask,
  script: (session: ClusterSession) => Promise<void>,
  plan: Omit<ClusterPlan, 'nodes'> = {},
): Promise<void> {
  const tools = await requireTools(t);
  if (tools === undefined) return;
  const transcriptOf = async (distribution: Distribution): Promise<Entry[]> => {
    const nodes = [1, 2, 3].map((id) => ({ id, roles: 'broker,controller' as const, distribution }));
    const properties = { 'broker.session.timeout.ms': '3000', ...plan.properties };
    const cluster = await startCluster(t, { ...plan, nodes, properties });
    const session = new ClusterSession(cluster, tools, mask);
    await script(session).catch((cause) => {
      throw new Error(`after ${JSON.stringify(session.entries.slice(-3), null, 2)}`, { cause });
    });
    await cluster.end();
    return session.entries;
  };
  const actual = await transcriptOf(tools.ours);
  assert.deepEqual(actual, await transcriptOf(tools.jvm));
}
