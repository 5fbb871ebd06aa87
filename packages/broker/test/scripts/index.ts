/** All scripts, in the order in which they run against one broker. */
import type { Script } from '../transcript/script.ts';
import { fetchScript } from './fetch.ts';
import { idempotenceScript } from './idempotence.ts';
import { metadataScript } from './metadata.ts';
import { produceScript } from './produce.ts';

export const scripts: readonly Script[] = [metadataScript, produceScript, idempotenceScript, fetchScript];

/** How the broker is set up for them, ours and the JVM's. */
export function brokerProperties(dataDir: string): Record<string, string> {
  return { 'log.dirs': `${dataDir}/a,${dataDir}/b`, 'num.partitions': '2' };
}
