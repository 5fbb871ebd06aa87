/**
 * A network that delays, loses, duplicates and reorders, and that can be cut between any two nodes, in one direction or both.
 *
 * Messages pass as objects; what a receiver gets is a copy. A request to a node that is down fails at once or never.
 */
import { type Random, TransportError } from '@skarab/base';
import { ApiKey, newApiVersionsResponse } from '@skarab/protocol';
import type { NodeAddress, RaftRequest, RaftResponse } from '../../core/raft-messages.ts';
import type { RaftTransport } from '../../ports.ts';
import type { SimulatedTime } from './simulated-clock.ts';

/** A process that can be reached. */
export interface Reachable {
  readonly isAlive: boolean;
  receive(request: RaftRequest): Promise<RaftResponse>;
}

/** Ports of controller listeners tell the nodes apart. */
export const portOf = (nodeId: number): number => 9000 + nodeId;

const LATENCY_MS = 8;
const SLOW_LATENCY_MS = 250;

/** The network. */
export class SimulatedNetwork {
  readonly #time: SimulatedTime;
  readonly #random: Random;
  readonly #processes = new Map<number, Reachable>();
  /** Directions that are cut, as `from>to`. */
  readonly #cuts = new Set<string>();
  /** Per mille of messages that are lost, and that come twice. */
  lossPerMille = 0;
  duplicationPerMille = 0;
  slowPerMille = 0;
  /** Every message that is delivered. */
  onDelivery: (text: string) => void = () => {};

  constructor(time: SimulatedTime, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  plugIn(nodeId: number, process: Reachable): void {
    this.#processes.set(nodeId, process);
  }

  cut(from: number, to: number): void {
    this.#cuts.add(`${from}>${to}`);
  }

  /** Mends all that was cut. */
  heal(): void {
    this.#cuts.clear();
  }

  /** The way out of a process. */
  transportOf(nodeId: number, process: { readonly isAlive: boolean }): RaftTransport {
    return {
      send: (destination, request) =>
        new Promise((resolve, reject) => {
          const to = destination.port - portOf(0);
          const deliver = (): void => this.#deliver(nodeId, to, request, process, resolve, reject);
          this.#pass(nodeId, to, deliver);
          if (this.#random.int(1000) < this.duplicationPerMille) this.#pass(nodeId, to, deliver);
        }),
    };
  }

  #deliver(
    from: number,
    to: number,
    request: RaftRequest,
    sender: { readonly isAlive: boolean },
    resolve: (response: RaftResponse) => void,
    reject: (error: Error) => void,
  ): void {
    const receiver = this.#processes.get(to);
    if (receiver?.isAlive !== true) {
      if (this.#random.int(2) === 0) reject(new TransportError('ECONNREFUSED', 'connection refused'));
      return;
    }
    this.onDelivery(`${from}>${to} ${request.apiKey}`);
    receiver.receive(structuredClone(request)).then((response) => {
      this.#pass(to, from, () => {
        if (!sender.isAlive) return;
        this.onDelivery(`${to}>${from} ${response.apiKey}`);
        resolve(response);
      });
    });
  }

  #pass(from: number, to: number, deliver: () => void): void {
    if (this.#cuts.has(`${from}>${to}`) || this.#random.int(1000) < this.lossPerMille) return;
    const isSlow = this.#random.int(1000) < this.slowPerMille;
    this.#time.after(this.#random.next() * (isSlow ? SLOW_LATENCY_MS : LATENCY_MS), deliver);
  }
}

/** The answer of any node to ApiVersions, as far as replicas look at it. */
export function apiVersions(): RaftResponse {
  const message = newApiVersionsResponse({
    supportedFeatures: [{ name: 'kraft.version', minVersion: 0, maxVersion: 1 }],
  });
  return { apiKey: ApiKey.API_VERSIONS, message };
}

/** Where a node listens. */
export function addressOfNode(nodeId: number): NodeAddress {
  return { nodeId, host: 'localhost', port: portOf(nodeId) };
}
