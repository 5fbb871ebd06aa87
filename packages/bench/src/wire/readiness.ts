/**
 * When a server serves: it accepts, answers ApiVersions, and its metadata has all brokers. Asked in a tight loop, because this is measured.
 */

import { newMetadataRequest } from '@skarab/protocol';
import { retry } from '../process/time.ts';
import type { Address } from './address.ts';
import { metadata } from './api.ts';
import { WireClient } from './wire-client.ts';

const POLL_MS = 1;

export interface Readiness {
  /** That its metadata must have. */
  readonly brokers?: number;
  readonly timeoutMs: number;
  /** Throws when there is nothing to wait for. */
  readonly checkAlive?: () => void;
}

/** Connects as soon as the server lets it. Errors: rejects when `checkAlive` throws or the time is up. */
export async function connectWhenReady(
  address: Address,
  { brokers: expected = 1, timeoutMs, checkAlive = () => {} }: Readiness,
): Promise<WireClient> {
  return retry(`a broker at ${address.host}:${address.port}`, timeoutMs, POLL_MS, async () => {
    checkAlive();
    const client = await WireClient.connect(address);
    try {
      const { brokers } = await client.call(metadata, newMetadataRequest({ topics: [] }));
      if (brokers.length >= expected) return client;
      client.close();
      return undefined;
    } catch (error) {
      client.close();
      throw error;
    }
  });
}
