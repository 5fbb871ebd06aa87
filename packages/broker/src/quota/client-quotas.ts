/**
 * The quotas that requests are held to: bytes produced, bytes fetched, and time of the node.
 *
 * Whose throttle time is above zero is told it in the response, and nothing more is taken from its connection meanwhile (KIP-219).
 * Shape: host of `ClientQuotaManager`s. Source: kafka.server.QuotaFactory.QuotaManagers, kafka.server.ClientRequestQuotaManager.
 */
import type { Clock } from '@skarab/base';
import type { ClientQuotasImage, QuotaClient } from '@skarab/metadata';
import type { RateWindows } from '@skarab/network';
import type { RequestContext } from '../dispatch/request-context.ts';
import { ClientQuotaManager } from './client-quota-manager.ts';

/** What the quotas go by. */
export interface ClientQuotasParts {
  /** The quotas in force. */
  readonly image: () => ClientQuotasImage;
  readonly windows: RateWindows;
  readonly clock: Clock;
}

export class ClientQuotas {
  readonly #parts: ClientQuotasParts;
  readonly #produce: ClientQuotaManager;
  readonly #fetch: ClientQuotaManager;
  readonly #request: ClientQuotaManager;

  constructor(parts: ClientQuotasParts) {
    const { windows } = parts;
    this.#parts = parts;
    this.#produce = new ClientQuotaManager({ key: 'producer_byte_rate', windows });
    this.#fetch = new ClientQuotaManager({ key: 'consumer_byte_rate', windows });
    this.#request = new ClientQuotaManager({ key: 'request_percentage', windows, maxThrottleMs: windows.sizeMs });
  }

  /** False while nobody has a quota; then nothing here needs to be called. */
  get isEnabled(): boolean {
    return this.#parts.image().entities.size > 0;
  }

  /** A client has produced: the throttle time. */
  onProduced(context: RequestContext): number {
    const { image, clock } = this.#parts;
    return this.#produce.charge(image(), clientOf(context), context.frameBytes, clock.monotonicMs());
  }

  /** A client is about to be sent what it fetched: the throttle time. What it is then not sent does not count. */
  onFetching(context: RequestContext, bytes: number): number {
    const client = clientOf(context);
    const image = this.#parts.image();
    const nowMs = this.#parts.clock.monotonicMs();
    const throttleMs = this.#fetch.charge(image, client, bytes, nowMs);
    if (throttleMs > 0) this.#fetch.takeBack(image, client, bytes, nowMs);
    return throttleMs;
  }

  /** A client is sent what it fetched, whatever the quota says: the throttle time. */
  onFetched(context: RequestContext, bytes: number): number {
    const { image, clock } = this.#parts;
    return this.#fetch.charge(image(), clientOf(context), bytes, clock.monotonicMs());
  }

  /** How many bytes a client may fetch at once. */
  mostFetchedAtOnce(context: RequestContext): number {
    return this.#fetch.mostAtOnce(this.#parts.image(), clientOf(context));
  }

  /** A request has kept the node busy: the throttle time. The quota is in percent of the node's one thread. */
  onHandled(context: RequestContext, busyMs: number): number {
    const { image, clock } = this.#parts;
    return this.#request.charge(image(), clientOf(context), busyMs / 10, clock.monotonicMs());
  }
}

function clientOf({ principal, clientId }: RequestContext): QuotaClient {
  return { user: principal.name, clientId };
}
