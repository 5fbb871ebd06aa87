/**
 * How long the metadata snapshots in a node's folder took to write: both brokers make a file when they begin and rename it when it is whole.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Milliseconds from the birth of the newest snapshot's file to its last write; NaN while there is no snapshot. */
export function lastSnapshotMs(dataDir: string): number {
  const folder = join(dataDir, '__cluster_metadata-0');
  // The snapshot that formatting makes holds nothing but the features.
  const names = readdirSync(folder).filter((name) => /^\d{20}-\d{10}\.checkpoint$/.test(name) && !/^0{20}-/.test(name));
  const newest = names.sort().at(-1);
  if (newest === undefined) return Number.NaN;
  const { birthtimeMs, mtimeMs } = statSync(join(folder, newest));
  return mtimeMs - birthtimeMs;
}
