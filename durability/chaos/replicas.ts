/**
 * Are the replicas of a partition the same, byte for byte?
 *
 * Segments may begin elsewhere on each broker, so what counts is all of them in a row.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Size and digest of a replica's records; undefined where there is none. */
export function replicaDigest(dataDir: string, topic: string, partition: number): string | undefined {
  const folder = join(dataDir, `${topic}-${partition}`);
  if (!existsSync(folder)) return undefined;
  const hash = createHash('sha256');
  let bytes = 0;
  const segments = readdirSync(folder).filter((name) => name.endsWith('.log'));
  for (const name of segments.sort()) {
    const content = readFileSync(join(folder, name));
    bytes += content.length;
    hash.update(content);
  }
  return `${bytes} bytes, ${hash.digest('hex').slice(0, 16)}`;
}

/** What differs between the replicas of the partitions; empty when nothing does. The brokers must have stopped. */
export function differingReplicas(dataDirs: readonly string[], topic: string, partitions: number): string[] {
  const found: string[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const digests = dataDirs.flatMap((dataDir) => replicaDigest(dataDir, topic, partition) ?? []);
    if (new Set(digests).size > 1) found.push(`${topic}-${partition}: ${digests.join(' | ')}`);
  }
  return found;
}
