/**
 * The other brokers of the cluster, for one purpose: a channel to each that is asked something, at the address that its registration names.
 *
 * Source: org.apache.kafka.server.util.InterBrokerSendThread.
 */
import { TransportError } from '@skarab/base';
import type { MetadataImage } from '@skarab/metadata';
import type { Address, ClientApi } from '@skarab/network';
import type { NodeChannel } from './node-channel.ts';

/** What peers are reached with. */
export interface BrokerPeersOptions {
  readonly channelTo: (brokerId: number, address: () => Address | undefined) => NodeChannel;
  readonly requestTimeoutMs: number;
  /** The newest metadata, perhaps not visible to clients yet. */
  readonly image: () => MetadataImage;
  /** Name of the listener that brokers use among themselves. */
  readonly listenerName: string;
}

export class BrokerPeers {
  readonly #options: BrokerPeersOptions;
  readonly #channels = new Map<number, NodeChannel>();
  #isClosed = false;

  constructor(options: BrokerPeersOptions) {
    this.#options = options;
  }

  /** Asks a broker. Errors: as of `NodeChannel.send`; TransportError DISCONNECTED once closed. */
  async send<Request, Response>(
    brokerId: number,
    api: ClientApi<Request, Response>,
    request: Request,
  ): Promise<Response> {
    if (this.#isClosed) throw new TransportError('DISCONNECTED', 'this broker is on its way out');
    let channel = this.#channels.get(brokerId);
    if (channel === undefined) {
      channel = this.#options.channelTo(brokerId, () => this.#addressOf(brokerId));
      this.#channels.set(brokerId, channel);
    }
    return channel.send(api, request, this.#options.requestTimeoutMs);
  }

  /** Ends all connections; what is in flight fails. */
  close(): void {
    this.#isClosed = true;
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
  }

  #addressOf(brokerId: number): Address | undefined {
    const { image, listenerName } = this.#options;
    return image().cluster.brokers.get(brokerId)?.listeners.get(listenerName);
  }
}
