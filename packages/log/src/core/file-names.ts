/**
 * The names of files and folders in a log directory, as Kafka chooses them.
 *
 * `<topic>-<partition>` holds `<20 digits>.log`, `.index`, `.timeindex`, `.txnindex` and `.snapshot`; suffixes behind these mark files
 * in transition. Source: org.apache.kafka.storage.internals.log.LogFileUtils, LocalLog.
 */

export const LOG_SUFFIX = '.log';
export const INDEX_SUFFIX = '.index';
export const TIME_INDEX_SUFFIX = '.timeindex';
export const TXN_INDEX_SUFFIX = '.txnindex';
export const SNAPSHOT_SUFFIX = '.snapshot';
/** Behind a file that will be removed. */
export const DELETED_SUFFIX = '.deleted';
/** Behind a file that compaction is writing. */
export const CLEANED_SUFFIX = '.cleaned';
/** Behind a complete file of compaction that is taking the place of others. */
export const SWAP_SUFFIX = '.swap';
/** A KRaft snapshot on its way out, which the metadata log looks after itself. */
export const CHECKPOINT_DELETED_SUFFIX = '.checkpoint.deleted';

export const LEADER_EPOCH_CHECKPOINT = 'leader-epoch-checkpoint';
export const PARTITION_METADATA = 'partition.metadata';
export const RECOVERY_POINT_CHECKPOINT = 'recovery-point-offset-checkpoint';
export const LOG_START_OFFSET_CHECKPOINT = 'log-start-offset-checkpoint';
export const REPLICATION_OFFSET_CHECKPOINT = 'replication-offset-checkpoint';
export const CLEANER_OFFSET_CHECKPOINT = 'cleaner-offset-checkpoint';
export const CLEAN_SHUTDOWN_FILE = '.kafka_cleanshutdown';
export const META_PROPERTIES = 'meta.properties';
export const LOCK_FILE = '.lock';

/** A partition of a topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Why a folder is not simply `<topic>-<partition>`. */
export type DirectoryState = 'current' | 'future' | 'delete' | 'stray';

/** The file of kind `suffix` that starts at `offset`; `transition` is '', `.deleted`, `.cleaned` or `.swap`. */
export function segmentFileName(offset: number, suffix: string, transition = ''): string {
  return `${offset.toString().padStart(20, '0')}${suffix}${transition}`;
}

/** The offset in front of a file name, or null when there is none. */
export function offsetOfFileName(name: string): number | null {
  const match = /^(\d+)\./.exec(name);
  if (match === null) return null;
  const offset = Number(match[1]);
  return Number.isSafeInteger(offset) ? offset : null;
}

/** The folder name of a partition. */
export function logDirectoryName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

const MAX_NAME_LENGTH = 255;

/** The folder name of a partition in another state; `uniqueId` is 32 hexadecimal digits. */
export function transientDirectoryName(
  { topic, partition }: TopicPartition,
  state: Exclude<DirectoryState, 'current'>,
  uniqueId: string,
): string {
  const end = `-${partition}.${uniqueId}-${state}`;
  // A future folder must keep the whole topic name, since the log in it becomes the current one.
  const kept = state === 'future' ? topic : topic.slice(0, MAX_NAME_LENGTH - end.length);
  return `${kept}${end}`;
}

/** What a folder name says; null for a folder that is no partition's. */
export function parseLogDirectoryName(name: string): (TopicPartition & { readonly state: DirectoryState }) | null {
  const marked = /^(\S+)\.\S+-(future|delete|stray)$/.exec(name);
  const match = /^(.+)-(\d{1,10})$/.exec(marked === null ? name : marked[1]!);
  if (match === null) return null;
  const partition = Number(match[2]);
  if (partition > 0x7fffffff) return null;
  const state = marked === null ? 'current' : (marked[2] as DirectoryState);
  return { topic: match[1]!, partition, state };
}

/** True for the files that only make sense beside a `.log`. */
export function isIndexFileName(name: string): boolean {
  return name.endsWith(INDEX_SUFFIX) || name.endsWith(TIME_INDEX_SUFFIX) || name.endsWith(TXN_INDEX_SUFFIX);
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** What a path is in. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
