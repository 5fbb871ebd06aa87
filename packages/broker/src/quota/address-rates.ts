/**
 * How fast addresses may make connections: `connection_creation_rate` (KIP-612).
 *
 * A connection that comes too fast does not count; it is kept for a while and then ended, so that whoever makes it does not try again at once.
 * Entities may be names of hosts, which are looked up once. Shape: host; the rates are pure. Source: kafka.network.ConnectionQuotas.
 */
import { isIP, SocketAddress } from 'node:net';
import { type ClientQuotasImage, QuotaEntityType } from '@skarab/metadata';
import { ConnectionRate, type RateWindows } from '@skarab/network';

const KEY = 'connection_creation_rate';
const LEAST_PURGE_SIZE = 64;

/** Finds the address of a host. */
export type HostLookup = (name: string) => Promise<string>;

export class AddressRates {
  readonly #windows: RateWindows;
  readonly #lookUp: HostLookup;
  readonly #rates = new Map<string, ConnectionRate>();
  #image: ClientQuotasImage | undefined;
  /** By address; null for all others. */
  #limits = new Map<string | null, number>();
  #purgeAt = LEAST_PURGE_SIZE;

  constructor(windows: RateWindows, lookUp: HostLookup) {
    this.#windows = windows;
    this.#lookUp = lookUp;
  }

  /** Counts a connection: 0, or it is to be ended after so many milliseconds. */
  record(image: ClientQuotasImage, remoteAddress: string, nowMs: number): number {
    if (image !== this.#image) this.#take(image);
    if (this.#limits.size === 0) return 0;
    const address = canonical(remoteAddress);
    if (this.#limitOf(address) === undefined) return 0;
    const rate = this.#rate(address, nowMs);
    const throttleMs = rate.record(nowMs);
    if (throttleMs > 0) rate.takeBack(nowMs);
    return throttleMs;
  }

  #limitOf(address: string): number | undefined {
    return this.#limits.get(address) ?? this.#limits.get(null);
  }

  #take(image: ClientQuotasImage): void {
    this.#image = image;
    const limits = new Map<string | null, number>();
    this.#limits = limits;
    for (const { entity, quotas } of image.entities.values()) {
      const limit = quotas.get(KEY);
      const name = entity.get(QuotaEntityType.IP);
      if (limit === undefined || name === undefined) continue;
      if (name === null || isIP(name) !== 0) limits.set(name === null ? null : canonical(name), limit);
      else
        this.#lookUp(name).then(
          (address) => limits.set(canonical(address), limit),
          () => {},
        );
    }
  }

  #rate(address: string, nowMs: number): ConnectionRate {
    let rate = this.#rates.get(address);
    if (rate === undefined) {
      this.#purge(nowMs);
      rate = new ConnectionRate(() => this.#limitOf(address) ?? Number.POSITIVE_INFINITY, this.#windows);
      this.#rates.set(address, rate);
    }
    return rate;
  }

  /** Forgets addresses that made no connections lately, whenever there are twice as many as were needed last. */
  #purge(nowMs: number): void {
    if (this.#rates.size < this.#purgeAt) return;
    for (const [address, rate] of this.#rates) if (rate.isIdle(nowMs)) this.#rates.delete(address);
    this.#purgeAt = Math.max(LEAST_PURGE_SIZE, 2 * this.#rates.size);
  }
}

/** One text for each address, whether it came as IPv6, as IPv4 or as IPv4 in IPv6. */
function canonical(address: string): string {
  const plain = address.replace(/%.*$/, '');
  if (isIP(plain) !== 6) return plain;
  return new SocketAddress({ address: plain, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
}
