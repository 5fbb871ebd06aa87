/**
 * The broker's view of the cluster: the newest metadata image and the look-ups that requests need.
 *
 * Written by the publisher only. Whoever needs several look-ups to agree takes `image` once. Source: org.apache.kafka.metadata.KRaftMetadataCache.
 */
import { type BrokerRegistration, EMPTY_IMAGE, type MetadataImage, type TopicImage } from '@skarab/metadata';

/** Where a node is reached by the clients of one listener. */
export interface NodeEndpoint {
  readonly nodeId: number;
  readonly host: string;
  readonly port: number;
  readonly rack: string | null;
  readonly isFenced: boolean;
}

export class MetadataCache {
  #image: MetadataImage = EMPTY_IMAGE;

  get image(): MetadataImage {
    return this.#image;
  }

  /** Makes a newer image the current one. */
  publish(image: MetadataImage): void {
    this.#image = image;
  }

  topic(name: string): TopicImage | undefined {
    return this.#image.topics.byName.get(name);
  }

  topicById(id: string): TopicImage | undefined {
    return this.#image.topics.byId.get(id);
  }

  /** The brokers that have the listener; fenced ones only when asked for. Ordered by id. */
  endpoints(listenerName: string, includeFenced = false): NodeEndpoint[] {
    const found: NodeEndpoint[] = [];
    for (const broker of this.#image.cluster.brokers.values()) {
      const endpoint = endpointOf(broker, listenerName);
      if (endpoint !== undefined && (includeFenced || !broker.fenced)) found.push(endpoint);
    }
    return found.sort((a, b) => a.nodeId - b.nodeId);
  }

  /** Where clients of `listenerName` reach a broker that is alive. */
  endpoint(brokerId: number, listenerName: string): NodeEndpoint | undefined {
    const broker = this.#image.cluster.brokers.get(brokerId);
    return broker === undefined || broker.fenced ? undefined : endpointOf(broker, listenerName);
  }

  /** The id that Metadata answers as controller: any broker that is alive, since clients may send to all of them. -1: none. */
  anyAliveBrokerId(): number {
    for (const broker of this.#image.cluster.brokers.values()) if (!broker.fenced) return broker.id;
    return -1;
  }
}

function endpointOf(broker: BrokerRegistration, listenerName: string): NodeEndpoint | undefined {
  const listener = broker.listeners.get(listenerName);
  if (listener === undefined) return undefined;
  return { nodeId: broker.id, host: listener.host, port: listener.port, rack: broker.rack, isFenced: broker.fenced };
}
