export type { PartitionOffset } from './core/checkpoint-text.ts';
export {
  type CleanerSettings,
  checkReconfiguration,
  cleanerSettingsOf,
  defaultCleanerSettings,
} from './core/cleaner/cleaner-settings.ts';
export {
  CLEAN_SHUTDOWN_FILE,
  logDirectoryName,
  META_PROPERTIES,
  parseLogDirectoryName,
  REPLICATION_OFFSET_CHECKPOINT,
  type TopicPartition,
} from './core/file-names.ts';
export type { EpochEndOffset, EpochEntry } from './core/leader-epochs.ts';
export { type BrokerCompression, defaultLogConfig, type LogConfig, parseLogConfig } from './core/log-config.ts';
export { defaultLogSettings, type LogListener, type LogSettings } from './core/log-environment.ts';
export { decodeMetaProperties, encodeMetaProperties, type MetaProperties } from './core/meta-properties.ts';
export { PartitionLog } from './core/partition-log.ts';
export type {
  AppendOptions,
  AppendResult,
  LogOffsetMetadata,
  ProducerDescription,
  ReadOptions,
  ReadResult,
  UpperBound,
} from './core/results.ts';
export {
  EARLIEST_LOCAL_TIMESTAMP,
  EARLIEST_PENDING_UPLOAD_TIMESTAMP,
  EARLIEST_TIMESTAMP,
  LATEST_TIERED_TIMESTAMP,
  LATEST_TIMESTAMP,
  MAX_TIMESTAMP,
  type TimestampAndOffset,
} from './core/timestamp-search.ts';
export type { AbortedTxn } from './core/transaction-index.ts';
export { VerificationGuard } from './core/verification-state.ts';
export { FileSlice } from './file-slice.ts';
export { LogCleaner } from './host/cleaner/log-cleaner.ts';
export { DiskStorage, type DiskStorageOptions } from './host/disk-storage.ts';
export type { LogDirectoryDescription } from './host/log-directories.ts';
export { LogHost, type LogHostOptions } from './host/log-host.ts';
export { LogManager } from './host/log-manager.ts';
export type { CreateLogOptions, LoadProgress, LogManagerOptions } from './host/log-manager-options.ts';
export { defaultUpkeepIntervals, type UpkeepIntervals } from './host/log-upkeep.ts';
export { closePartitionLog, type OpenLogOptions, openPartitionLog, openPartitionLogNow } from './host/open-log.ts';
export type { DirectoryEntry, FileRegion, FileStatus, Storage, StorageFile } from './ports.ts';
export { MemoryStorage, type MemoryStorageOptions } from './testing/memory-storage.ts';
