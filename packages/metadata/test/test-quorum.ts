/**
 * A quorum of metadata nodes in one process. What they say to each other passes as bytes, at the newest version of each API.
 */
import { seededRandom, systemClock, TransportError, type Uuid } from '@skarab/base';
import { LogHost, MemoryStorage } from '@skarab/log';
import { ApiKey, apiCodecs, apiInfo, newApiVersionsResponse, Reader, Writer } from '@skarab/protocol';
import {
  type NodeAddress,
  openRaftLog,
  type RaftLog,
  type RaftRequest,
  type RaftResponse,
  type RaftTransport,
} from '@skarab/raft';
import type { MetadataNode } from '../src/host/metadata-node.ts';
import { format, startNode, type TestNode, type TestNodeOptions } from './test-node.ts';

const LISTENER = 'CONTROLLER';
const FIRST_PORT = 9000;
/** Short times, so that a leader's death is soon noticed. */
const QUORUM = { electionTimeoutMs: 100, electionBackoffMaxMs: 50, fetchTimeoutMs: 400, requestTimeoutMs: 300 };

export const directoryIdOf = (id: number): Uuid => `DIRECTORY00000000000${id}A`;
const endpointOf = (id: number) => ({ name: LISTENER, host: 'localhost', port: FIRST_PORT + id, securityProtocol: 0 });

/** A node that is part of a quorum. */
export interface QuorumNode extends TestNode {
  readonly id: number;
  readonly log: RaftLog;
}

/** The nodes and what connects them. */
export class TestQuorum {
  readonly #controllerIds: readonly number[];
  readonly #storages = new Map<number, MemoryStorage>();
  /** Nodes that can be reached. */
  readonly #reachable = new Map<number, MetadataNode>();
  readonly #running: QuorumNode[] = [];
  readonly #options: TestNodeOptions;

  constructor(controllerIds: readonly number[], options: TestNodeOptions = {}) {
    this.#controllerIds = controllerIds;
    this.#options = options;
  }

  /** Starts a node, formatted before if it never ran; a broker if it is none of the controllers. */
  async start(id: number): Promise<QuorumNode> {
    const isController = this.#controllerIds.includes(id);
    let storage = this.#storages.get(id);
    if (storage === undefined) {
      storage = new MemoryStorage();
      this.#storages.set(id, storage);
      const initialControllers = this.#controllerIds.map((controllerId) => ({
        ...endpointOf(controllerId),
        id: controllerId,
        directoryId: directoryIdOf(controllerId),
      }));
      await format(storage, '/data', { nodeId: id, initialControllers });
    }
    const log = await openRaftLog(new LogHost({ storage, clock: systemClock, random: seededRandom(id) }), '/data');
    const node = await startNode({
      ...this.#options,
      nodeId: id,
      directoryId: directoryIdOf(id),
      isController,
      endpoints: isController ? [endpointOf(id)] : [],
      controllerListener: LISTENER,
      bootstrapServers: this.#controllerIds.map(endpointOf),
      quorum: QUORUM,
      shutdownTimeoutMs: 300,
      transport: this.#transportOf(id),
      storage,
      log,
      random: seededRandom(id),
      clock: systemClock,
      onCreated: (created) => this.#reachable.set(id, created),
    });
    const running = { ...node, id, log };
    this.#running.push(running);
    return running;
  }

  /** Nobody reaches the node any more, nor does it reach anybody. */
  cutOff(id: number): void {
    this.#reachable.delete(id);
  }

  /** Stops a node in order. */
  async stop({ id, node }: QuorumNode): Promise<void> {
    await node.close();
    this.#reachable.delete(id);
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.map(({ node }) => node.close().catch(() => {})));
  }

  #transportOf(from: number): RaftTransport {
    return {
      send: async (destination: NodeAddress, request: RaftRequest) => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        const node = this.#reachable.get(destination.port - FIRST_PORT);
        if (node === undefined || !this.#reachable.has(from)) throw new TransportError('ECONNREFUSED', 'refused');
        const response = await receive(node, throughBytes(request, 'request'));
        if (!this.#reachable.has(from)) throw new TransportError('ECONNRESET', 'reset');
        return throughBytes(response, 'response');
      },
    };
  }
}

async function receive(node: MetadataNode, { apiKey, message }: RaftRequest): Promise<RaftResponse> {
  if (apiKey === ApiKey.API_VERSIONS) {
    const supportedFeatures = [{ name: 'kraft.version', minVersion: 0, maxVersion: 1 }];
    return { apiKey, message: newApiVersionsResponse({ supportedFeatures }) };
  }
  const context = { listener: LISTENER, apiVersion: versionOf(apiKey) };
  return { apiKey, message: await node.handleRaft(apiKey, message, context) } as RaftResponse;
}

/** The message as its receiver reads it. */
function throughBytes<M extends RaftRequest | RaftResponse>({ apiKey, message }: M, kind: 'request' | 'response'): M {
  const codec = apiCodecs.get(apiKey)![kind];
  const version = versionOf(apiKey);
  const writer = new Writer();
  codec.encode(writer, message, version);
  return { apiKey, message: codec.decode(new Reader(writer.toBytes()), version) } as M;
}

function versionOf(apiKey: number): number {
  return apiInfo(apiKey)!.validVersions.max;
}
