/**
 * Connections of a node to other nodes, made as its configuration says; a channel per peer and purpose.
 */
import type { Clock, Random } from '@skarab/base';
import type { BrokerConfig } from '@skarab/config';
import type { Address, Dialer } from '@skarab/network';
import { NodeChannel } from '../channel/node-channel.ts';

/** What links are made of. */
export interface NodeLinksOptions {
  readonly config: () => BrokerConfig;
  readonly dialer: Dialer;
  readonly clock: Clock;
  readonly random: Random;
}

/** What distinguishes the channels of one purpose. */
export interface LinkPurpose {
  /** First part of the client id that the peer sees. */
  readonly name: string;
  readonly maxInFlight: number;
  readonly requestTimeoutMs: number;
  /** Pauses between attempts to connect. */
  readonly reconnect: { readonly initialMs: number; readonly maxMs: number };
}

const MAX_RESPONSE_BYTES = 0x7fffffff;

export class NodeLinks {
  readonly #options: NodeLinksOptions;

  constructor(options: NodeLinksOptions) {
    this.#options = options;
  }

  /** A channel to one node; it connects when it is first used. */
  channelTo(purpose: LinkPurpose, nodeId: number, address: () => Address | undefined): NodeChannel {
    const { config, dialer, clock, random } = this.#options;
    const { name, maxInFlight, requestTimeoutMs, reconnect } = purpose;
    const current = config();
    return new NodeChannel({
      nodeId,
      address,
      clientId: `${name}-${current.nodeId}`,
      dialer,
      maxInFlight,
      maxResponseBytes: MAX_RESPONSE_BYTES,
      setupTimeout: {
        initialMs: current.get('socket.connection.setup.timeout.ms'),
        maxMs: current.get('socket.connection.setup.timeout.max.ms'),
      },
      reconnect,
      requestTimeoutMs,
      clock,
      random,
    });
  }
}
