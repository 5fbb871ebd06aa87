/**
 * Whose directories these are: reads `meta.properties` of every log directory and checks that they belong to this node.
 *
 * Source: org.apache.kafka.metadata.properties.MetaPropertiesEnsemble.verify.
 */
import { StateError, type Uuid } from '@skarab/base';
import type { BrokerConfig } from '@skarab/config';
import { decodeMetaProperties, META_PROPERTIES, type Storage } from '@skarab/log';

/** What the directories say. */
export interface NodeIdentity {
  readonly clusterId: string;
  /** Id of each directory by its path. */
  readonly directoryIds: ReadonlyMap<string, Uuid>;
}

/** Errors: StateError with what is wrong and what to do, CorruptDataError for an unreadable file. */
export function identifyDirectories(storage: Storage, config: BrokerConfig): NodeIdentity {
  const directories = [...new Set([config.metadataLogDir, ...config.logDirs])];
  const directoryIds = new Map<string, Uuid>();
  let clusterId: string | undefined;
  for (const directory of directories) {
    const file = `${directory}/${META_PROPERTIES}`;
    const bytes = storage.readFile(file);
    if (bytes === null) {
      if (directory !== config.metadataLogDir) continue;
      throw new StateError(
        `No \`${META_PROPERTIES}\` found in ${directory} (have you run \`kafka-storage.sh\` to format the directory?)`,
      );
    }
    const properties = decodeMetaProperties(bytes, file);
    if (properties.nodeId !== null && properties.nodeId !== config.nodeId) {
      throw new StateError(
        `Stored node id ${properties.nodeId} doesn't match previous node id ${config.nodeId} in ${file}. If you moved your data, make ` +
          'sure your configured node id matches. If you intend to create a new node, you should remove all data in your data directories.',
      );
    }
    if (clusterId !== undefined && properties.clusterId !== null && properties.clusterId !== clusterId) {
      throw new StateError(`Invalid cluster.id in: ${file}. Expected ${clusterId}, but read ${properties.clusterId}`);
    }
    clusterId ??= properties.clusterId ?? undefined;
    if (properties.directoryId !== null) directoryIds.set(directory, properties.directoryId);
  }
  if (clusterId === undefined)
    throw new StateError(`no cluster id in ${config.metadataLogDir}/${META_PROPERTIES}: format the directory`);
  return { clusterId, directoryIds };
}
