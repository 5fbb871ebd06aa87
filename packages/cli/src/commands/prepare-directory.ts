/**
 * Whether a node's log directory is formatted, and formatting it as the sole node of a new cluster.
 *
 * Shared by `format`, `broker` and `dev`; the storage tool has Kafka's own, wider options.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { randomUuid, StateError, systemRandom } from '@skarab/base';
import type { BrokerConfig } from '@skarab/config';
import { type FormatArguments, formatRequest } from '../kafka-storage/format-request.ts';
import type { FormatDirectories } from '../node/running-node.ts';

const newId = (): string => randomUuid(systemRandom.bytes);

/** True when the directory of the node's metadata has been formatted. */
export function isFormatted(config: BrokerConfig): boolean {
  return existsSync(join(config.metadataLogDir, 'meta.properties'));
}

/** Formats the directories of a node as a quorum of its own, unless `args` say otherwise. */
export async function formatAlone(
  config: BrokerConfig,
  clusterId: string | undefined,
  formatDirectories: FormatDirectories,
  print: (line: string) => void,
  args: Partial<FormatArguments> = {},
): Promise<void> {
  const standalone = config.quorumVoters.size === 0 && config.processRoles.has('controller');
  const wanted = {
    clusterId: clusterId ?? newId(),
    standalone,
    noInitialControllers: !standalone,
    ignoreFormatted: true,
    features: [],
  };
  await formatDirectories(formatRequest(config, { ...wanted, ...args }, newId), print);
}

/** What to say about a directory that is not formatted and may not be. */
export function notFormatted(config: BrokerConfig): StateError {
  return new StateError(
    `log directory ${config.metadataLogDir} is not formatted; give --cluster-id to format it now, or run: ` +
      `skarab format --log-dir ${config.metadataLogDir}`,
  );
}
