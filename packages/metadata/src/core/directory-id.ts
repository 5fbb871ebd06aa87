/**
 * Ids of log directories that have a meaning of their own, and the order in which a broker's directories are kept.
 *
 * Source: org.apache.kafka.common.DirectoryId, KIP-858.
 */
import { type Uuid, uuidToBytes, ZERO_UUID } from '@skarab/base';

/** The replica's directory was chosen before directories had ids. */
export const MIGRATING_DIRECTORY: Uuid = ZERO_UUID;
/** The broker has not yet chosen a directory for the replica. */
export const UNASSIGNED_DIRECTORY: Uuid = 'AAAAAAAAAAAAAAAAAAAAAQ';
/** The replica is in some directory that is offline. */
export const LOST_DIRECTORY: Uuid = 'AAAAAAAAAAAAAAAAAAAAAg';

const scratch = new Uint8Array(16);
const scratchView = new DataView(scratch.buffer);

/** The two halves of a uuid as signed 64-bit numbers, the way Java compares them. */
function halves(id: Uuid): [bigint, bigint] {
  uuidToBytes(id, scratch);
  return [scratchView.getBigInt64(0), scratchView.getBigInt64(8)];
}

/** What ids begin with whose first ten characters are bits that are 0; asked of every replica, so other ids are not decoded. */
const ZERO_BITS = 'AAAAAAAAAA';

/** True for the first 100 ids, none of which names a real directory. */
export function isReservedDirectory(id: Uuid): boolean {
  if (!id.startsWith(ZERO_BITS)) return false;
  const [high, low] = halves(id);
  return high === 0n && low < 100n;
}

/** Orders directory ids as Java orders its UUIDs: by signed halves. */
export function compareDirectories(a: Uuid, b: Uuid): number {
  if (a === b) return 0;
  const [aHigh, aLow] = halves(a);
  const [bHigh, bLow] = halves(b);
  if (aHigh !== bHigh) return aHigh < bHigh ? -1 : 1;
  return aLow < bLow ? -1 : 1;
}

/** True when a replica in `directory` can be served by a broker whose online directories are `online`. */
export function isOnlineDirectory(directory: Uuid, online: readonly Uuid[]): boolean {
  if (directory === UNASSIGNED_DIRECTORY || directory === MIGRATING_DIRECTORY) return true;
  if (directory === LOST_DIRECTORY) return false;
  // A broker registered under a metadata version without directories: nothing is known to be offline.
  return online.length === 0 || online.includes(directory);
}
