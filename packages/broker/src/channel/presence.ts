/**
 * Does anybody take connections at an address? Nobody whose process has ended does; one that does not answer in time may be there all the
 * same (its host hangs, the network is broken).
 */
import type { Clock } from '@skarab/base';
import type { Address, Dialer } from '@skarab/network';

export type Presence = 'present' | 'absent' | 'unknown';

/** Asks for a connection, and ends it at once. Resolves within `timeoutMs`. */
export function presenceAt(address: Address, dialer: Dialer, clock: Clock, timeoutMs: number): Promise<Presence> {
  const { promise, resolve } = Promise.withResolvers<Presence>();
  const conversation = dialer.dial(address, {
    onOpen: () => resolve('present'),
    onBytes: () => {},
    onClosed: () => resolve('absent'),
  });
  const timer = clock.after(timeoutMs, () => resolve('unknown'));
  return promise.finally(() => {
    timer.cancel();
    conversation.close();
  });
}
