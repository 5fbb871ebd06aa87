/**
 * The controller as the parts of a node see it: its own while it leads the quorum, else the active one elsewhere.
 *
 * A request that the own controller refuses because it leads no more goes to the next one. Source: kafka.server.NodeToControllerChannelManager,
 * ForwardingManager.
 */
import type { Clock, Logger } from '@skarab/base';
import type { BrokerConfig } from '@skarab/config';
import type { ControllerApi, MetadataNode, MetadataPublisher } from '@skarab/metadata';
import { ActiveControllerChannel } from '../controller/active-controller-channel.ts';
import { remoteController } from '../controller/remote-controller.ts';
import { routedController } from '../controller/routed-controller.ts';
import type { NodeLinks } from './node-links.ts';

/** What it is made of. */
export interface NodeControllerOptions {
  readonly metadata: () => MetadataNode;
  readonly links: NodeLinks;
  readonly config: () => BrokerConfig;
  readonly clock: Clock;
  readonly logger: Logger;
}

const RETRY_BACKOFF_MS = 50;
/** A leadership that moves more often than that while one request waits is no quorum. */
const MAX_TURNS = 10;
const RECONNECT = { initialMs: 50, maxMs: 1000 };

export class NodeController implements MetadataPublisher {
  readonly name = 'way to the controller';
  readonly api: ControllerApi;
  readonly #channels: readonly ActiveControllerChannel[];

  constructor(options: NodeControllerOptions) {
    const { metadata, config } = options;
    const { nodeId } = config();
    const lifecycle = this.#channel(options, 'heartbeat', config().get('broker.session.timeout.ms'));
    const replicas = this.#channel(options, 'alter-partition', config().get('request.timeout.ms'));
    const forwarding = this.#channel(options, 'forwarding', config().get('request.timeout.ms'));
    this.#channels = [lifecycle, replicas, forwarding];
    this.api = routedController({
      own: () => (metadata().leader.leaderId === nodeId ? metadata().controller : undefined),
      remote: remoteController({ lifecycle, replicas, forwarding }),
      maxTurns: MAX_TURNS,
    });
  }

  /** Who is asked does not depend on records. */
  onControllerChange(): void {
    for (const channel of this.#channels) channel.onControllerChange();
  }

  /** Ends all connections; requests that wait fail. */
  close(): void {
    for (const channel of this.#channels) channel.close();
  }

  #channel(options: NodeControllerOptions, name: string, timeoutMs: number): ActiveControllerChannel {
    const { metadata, links, config, clock, logger } = options;
    const { nodeId } = config();
    const purpose = { name, maxInFlight: 1, requestTimeoutMs: timeoutMs, reconnect: RECONNECT };
    return new ActiveControllerChannel({
      active: () => {
        const active = metadata().activeController;
        if (metadata().leader.leaderId === nodeId) return 'self';
        if (active === undefined) return undefined;
        return { nodeId: active.nodeId, address: { host: active.host, port: active.port } };
      },
      channelTo: (peerId, address) => links.channelTo(purpose, peerId, address),
      attemptTimeoutMs: config().get('controller.socket.timeout.ms'),
      timeoutMs,
      retryBackoffMs: RETRY_BACKOFF_MS,
      clock,
      logger,
    });
  }
}
