/**
 * The ids that the coordinator gives to members: whose they are, and a random uuid in Java's form.
 */
import { Buffer } from 'node:buffer';
import type { Random } from '@skarab/base';

/** A fresh id: the instance id of a static member, or the client id, then 36 characters of a version 4 uuid. */
export function newMemberId(random: Random, clientId: string, groupInstanceId: string | null): string {
  const bytes = random.bytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString('hex');
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  return `${groupInstanceId ?? clientId}-${uuid}`;
}
