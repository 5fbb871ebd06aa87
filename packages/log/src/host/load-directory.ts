/**
 * Loading all logs of one directory.
 *
 * After an orderly stop a thousand logs take a fraction of a second, in slices; otherwise each log is recovered in turn, waiting for
 * its reads. Source: kafka.log.LogManager (loadLogs).
 */
import { finishInTurns } from '@skarab/base';
import { parseLogDirectoryName, type TopicPartition } from '../core/file-names.ts';
import type { LogConfig } from '../core/log-config.ts';
import type { PartitionLog } from '../core/partition-log.ts';
import { SegmentOverflow } from '../core/segment-split.ts';
import type { LogDirectory } from './log-directory.ts';
import type { LogHost } from './log-host.ts';
import type { LoadProgress } from './log-manager-options.ts';
import { openPartitionLog, openPartitionLogNow } from './open-log.ts';
import { forEachSliced } from './sliced.ts';

/** How to load. */
export interface LoadDirectoryOptions {
  readonly configFor: (topic: string) => LogConfig;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
}

/** What a directory holds. */
export interface LoadedDirectory {
  readonly logs: readonly PartitionLog[];
  /** Folders of logs that were deleted and are to be removed. */
  readonly deleted: readonly string[];
}

/** The topic whose log is KRaft's own. */
const METADATA_TOPIC = '__cluster_metadata';

interface Folder extends TopicPartition {
  readonly path: string;
  readonly isDeleted: boolean;
}

/** Loads the logs of a directory. Errors: rejects with `StorageError`, `CorruptDataError`. */
export async function loadDirectory(
  host: LogHost,
  directory: LogDirectory,
  options: LoadDirectoryOptions,
): Promise<LoadedDirectory> {
  const folders = foldersOf(host, directory);
  const alive = folders.filter(({ isDeleted }) => !isDeleted);
  const offsetsOf = await finishInTurns(directory.readCheckpoints(), host.clock);
  directory.unmarkClean();
  const logs: PartitionLog[] = [];
  const prepare = ({ path, topic, partition }: Folder) => {
    const { recoveryPoint, logStartOffset } = offsetsOf(`${topic}-${partition}`);
    const onProgress = (segmentsLeft: number): void =>
      options.onProgress?.({ logDir: directory.path, logsLoaded: logs.length, logCount: alive.length, segmentsLeft });
    const config = options.configFor(topic);
    return { path, options: { config, isClean: directory.wasClean, recoveryPoint, logStartOffset, onProgress } };
  };
  const add = (log: PartitionLog): void => {
    const { highWatermark } = offsetsOf(log.name);
    if (highWatermark !== null) log.updateHighWatermark(highWatermark);
    logs.push(log);
  };
  const slow: Folder[] = directory.wasClean ? [] : alive;
  if (directory.wasClean) {
    await forEachSliced(host.clock, alive, (folder) => {
      const prepared = prepare(folder);
      try {
        add(openPartitionLogNow(host, prepared.path, prepared.options));
      } catch (error) {
        if (!(error instanceof SegmentOverflow)) throw error;
        slow.push(folder);
      }
    });
  }
  for (const folder of slow) {
    const prepared = prepare(folder);
    add(await openPartitionLog(host, prepared.path, prepared.options));
  }
  options.onProgress?.({ logDir: directory.path, logsLoaded: logs.length, logCount: alive.length, segmentsLeft: 0 });
  directory.isLoaded = true;
  return { logs, deleted: folders.filter(({ isDeleted }) => isDeleted).map(({ path }) => path) };
}

/** The folders of partitions; those set aside as stray stay where they are, and others are none of ours. */
function foldersOf(host: LogHost, directory: LogDirectory): Folder[] {
  const folders: Folder[] = [];
  for (const { name, isDirectory } of host.storage.list(directory.path)) {
    if (!isDirectory) continue;
    const parsed = parseLogDirectoryName(name);
    if (parsed === null) {
      host.logger.warn(
        { directory: `${directory.path}/${name}` },
        'ignoring a folder that is not in the form of topic-partition',
      );
    } else if (parsed.topic !== METADATA_TOPIC && parsed.state !== 'stray') {
      const { topic, partition, state } = parsed;
      folders.push({ path: `${directory.path}/${name}`, topic, partition, isDeleted: state === 'delete' });
    }
  }
  return folders;
}
