/**
 * A cluster of real processes on loopback: any number of nodes of any role, of one distribution or of several, with one cluster id.
 *
 * A static quorum names its voters in the configuration (`controller.quorum.voters`); a dynamic one begins with its first controller alone
 * (kafka-storage format --standalone), and others follow it until somebody makes them voters. Everything goes when the cluster ends.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Distribution, freePort } from '../kafka-jvm/jvm.ts';
import { NodeProcess } from './node-process.ts';

/** One node to be. */
export interface NodePlan {
  readonly id: number;
  readonly roles: 'broker' | 'controller' | 'broker,controller';
  readonly distribution: Distribution;
}

export interface ClusterPlan {
  readonly nodes: readonly NodePlan[];
  readonly quorum?: 'static' | 'dynamic';
  /** Of kafka-storage format, for all nodes, such as --release-version. */
  readonly formatOptions?: readonly string[];
  /** Of all nodes; win over those of a small cluster. */
  readonly properties?: Readonly<Record<string, string>>;
}

export const CLUSTER_ID = '5L6g3nShT-eMCtK--X86sw';

interface Placed extends NodePlan {
  readonly port: number | undefined;
  readonly controllerPort: number | undefined;
}

export class ProcessCluster {
  readonly nodes: readonly NodeProcess[];
  readonly #folder: string;

  private constructor(nodes: readonly NodeProcess[], folder: string) {
    this.nodes = nodes;
    this.#folder = folder;
  }

  /** Formats and starts all nodes; resolves when all serve. Errors: rejects when one does not, with nothing left running. */
  static async start(plan: ClusterPlan): Promise<ProcessCluster> {
    const cluster = await ProcessCluster.prepare(plan);
    try {
      await Promise.all(cluster.nodes.map((node) => node.start()));
    } catch (error) {
      await cluster.end();
      throw error;
    }
    return cluster;
  }

  /** Formats all nodes and starts none. */
  static async prepare(plan: ClusterPlan): Promise<ProcessCluster> {
    const { nodes: plans, quorum = 'static', formatOptions = [], properties = {} } = plan;
    const folder = await mkdtemp(join(tmpdir(), 'kafka-cluster-'));
    const placed: Placed[] = [];
    for (const node of plans) {
      placed.push({
        ...node,
        port: node.roles.includes('broker') ? await freePort() : undefined,
        controllerPort: node.roles.includes('controller') ? await freePort() : undefined,
      });
    }
    const common = { ...smallCluster(placed), ...quorumProperties(placed, quorum), ...properties };
    const nodes: NodeProcess[] = [];
    const first = placed.find(({ controllerPort }) => controllerPort !== undefined)!;
    try {
      for (const { id, distribution, port, controllerPort, roles } of placed) {
        const nodeFolder = join(folder, `node-${id}`);
        await mkdir(nodeFolder);
        const own = { ...common, ...nodeProperties(id, roles, port, controllerPort) };
        const node = new NodeProcess({ id, distribution, port, controllerPort, folder: nodeFolder, properties: own });
        await node.format(['-t', CLUSTER_ID, ...quorumOptions(quorum, id === first.id, roles), ...formatOptions]);
        nodes.push(node);
      }
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    return new ProcessCluster(nodes, folder);
  }

  get brokers(): readonly NodeProcess[] {
    return this.nodes.filter(({ port }) => port !== undefined);
  }

  get controllers(): readonly NodeProcess[] {
    return this.nodes.filter(({ controllerPort }) => controllerPort !== undefined);
  }

  /** All brokers, whether they run or not. */
  get bootstrapServers(): string {
    return this.brokers.map(({ port }) => `127.0.0.1:${port}`).join(',');
  }

  /** Errors: throws for an id that is none. */
  node(id: number): NodeProcess {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new Error(`there is no node ${id}`);
    return found;
  }

  /** Kills what still runs and removes everything. */
  async end(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    await rm(this.#folder, { recursive: true, force: true });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }
}

function quorumProperties(placed: readonly Placed[], quorum: 'static' | 'dynamic'): Record<string, string> {
  const controllers = placed.filter(({ controllerPort }) => controllerPort !== undefined);
  const addressOf = ({ controllerPort }: Placed): string => `127.0.0.1:${controllerPort}`;
  return quorum === 'static'
    ? { 'controller.quorum.voters': controllers.map((plan) => `${plan.id}@${addressOf(plan)}`).join(',') }
    : { 'controller.quorum.bootstrap.servers': controllers.map(addressOf).join(',') };
}

function quorumOptions(quorum: 'static' | 'dynamic', isFirst: boolean, roles: NodePlan['roles']): string[] {
  if (quorum === 'static') return [];
  if (isFirst) return ['--standalone'];
  return roles.includes('controller') ? ['--no-initial-controllers'] : [];
}

function nodeProperties(
  id: number,
  roles: NodePlan['roles'],
  port: number | undefined,
  controllerPort: number | undefined,
): Record<string, string> {
  const listeners = [
    ...(port === undefined ? [] : [`PLAINTEXT://127.0.0.1:${port}`]),
    ...(controllerPort === undefined ? [] : [`CONTROLLER://127.0.0.1:${controllerPort}`]),
  ].join(',');
  return {
    'process.roles': roles,
    'node.id': String(id),
    listeners,
    'advertised.listeners': listeners,
    ...(port !== undefined && { 'inter.broker.listener.name': 'PLAINTEXT' }),
  };
}

function smallCluster(placed: readonly Placed[]): Record<string, string> {
  const replicas = String(Math.min(3, placed.filter(({ port }) => port !== undefined).length));
  return {
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '4',
    'group.initial.rebalance.delay.ms': '0',
    'log.cleaner.dedupe.buffer.size': '4194304',
  };
}
