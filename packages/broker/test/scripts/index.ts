/** All scripts, in the order in which they run against one broker. */
import type { Script } from '../transcript/script.ts';
import { configsScript } from './configs.ts';
import { fetchScript } from './fetch.ts';
import { idempotenceScript } from './idempotence.ts';
import { metadataScript } from './metadata.ts';
import { offsetsScript } from './offsets.ts';
import { produceScript } from './produce.ts';
import { topicsScript } from './topics.ts';

export const scripts: readonly Script[] = [
  metadataScript,
  produceScript,
  idempotenceScript,
  fetchScript,
  offsetsScript,
  topicsScript,
  configsScript,
];

/** How the broker is set up for them, ours and the JVM's. */
export function brokerProperties(dataDir: string): Record<string, string> {
  return { 'log.dirs': `${dataDir}/a,${dataDir}/b`, 'num.partitions': '2' };
}
