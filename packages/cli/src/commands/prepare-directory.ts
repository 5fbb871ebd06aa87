/**
 * Whether a node's log directory is formatted, and formatting it as the sole node of a new cluster.
 *
 * Shared by `format`, `broker` and `dev`; the storage tool has Kafka's own, wider options.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomUuid, StateError, systemRandom } from '@skarab/base';
import { type BrokerConfig, parseProperties } from '@skarab/config';
import { type FormatArguments, formatRequest } from '../kafka-storage/format-request.ts';
import type { FormatDirectories } from '../node/running-node.ts';

const newId = (): string => randomUuid(systemRandom.bytes);

/** True when the directory of the node's metadata has been formatted. */
export function isFormatted(config: BrokerConfig): boolean {
  return existsSync(join(config.metadataLogDir, 'meta.properties'));
}

/** The cluster that the directory of the node's metadata was formatted for; undefined when it is not formatted. */
export function formattedClusterId(config: BrokerConfig): string | undefined {
  if (!isFormatted(config)) return undefined;
  return parseProperties(readFileSync(join(config.metadataLogDir, 'meta.properties'), 'utf8')).get('cluster.id');
}

/** Errors: StateError for a formatted directory that belongs to another cluster than the one asked for. */
export function checkCluster(config: BrokerConfig, wanted: string | undefined): void {
  const found = formattedClusterId(config);
  if (wanted === undefined || found === undefined || found === wanted) return;
  throw new StateError(
    `log directory ${config.metadataLogDir} belongs to cluster ${found}, not to ${wanted}; leave --cluster-id out, or choose another --log-dir`,
  );
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
