/**
 * The text files of a log directory: checkpoints of offsets and epochs, `partition.metadata`, `meta.properties`, `.kafka_cleanshutdown`.
 *
 * Shape of a checkpoint: version 0, the number of entries, then an entry per line, fields separated by a blank.
 * Source: org.apache.kafka.server.common.CheckpointFile, OffsetCheckpointFile, LeaderEpochCheckpointFile, PartitionMetadata,
 * CleanShutdownFileHandler.
 */
import { Buffer } from 'node:buffer';
import { CorruptDataError, isUuid, type Uuid, ZERO_UUID } from '@skarab/base';
import { logDirectoryName, type TopicPartition } from './file-names.ts';
import type { EpochEntry } from './leader-epochs.ts';

const VERSION = 0;

/** An offset that a checkpoint has for a partition. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** The bytes of an offset checkpoint. */
export function encodeOffsets(entries: readonly PartitionOffset[]): Uint8Array {
  return encodeLines(entries.map(({ topic, partition, offset }) => `${topic} ${partition} ${offset}`));
}

/** The offsets of a checkpoint by `<topic>-<partition>`. Errors: `CorruptDataError`. */
export function decodeOffsets(bytes: Uint8Array | null, file: string): Map<string, PartitionOffset> {
  const offsets = new Map<string, PartitionOffset>();
  for (const [topic, partition, offset] of decodeLines(bytes, 3, file)) {
    const entry = { topic: topic!, partition: integer(partition!, file), offset: integer(offset!, file) };
    offsets.set(logDirectoryName(entry), entry);
  }
  return offsets;
}

/** The bytes of `leader-epoch-checkpoint`. */
export function encodeEpochs(entries: readonly EpochEntry[]): Uint8Array {
  return encodeLines(entries.map(({ epoch, startOffset }) => `${epoch} ${startOffset}`));
}

/** The entries of `leader-epoch-checkpoint`. Errors: `CorruptDataError`. */
export function decodeEpochs(bytes: Uint8Array | null, file: string): EpochEntry[] {
  return decodeLines(bytes, 2, file).map(([epoch, startOffset]) => ({
    epoch: integer(epoch!, file),
    startOffset: integer(startOffset!, file),
  }));
}

/** The bytes of `partition.metadata`. */
export function encodePartitionMetadata(topicId: Uuid): Uint8Array {
  return Buffer.from(`version: ${VERSION}\ntopic_id: ${topicId}`);
}

/** The topic id in `partition.metadata`, null when there is no file. Errors: `CorruptDataError`. */
export function decodePartitionMetadata(bytes: Uint8Array | null, file: string): Uuid | null {
  if (bytes === null) return null;
  const [version = '', topicId = ''] = textOf(bytes).split(/\r?\n/);
  const [, number] = /^version:\s+(\d+)$/.exec(version) ?? [];
  const [, id] = /^topic_id:\s+(\S+)$/.exec(topicId) ?? [];
  if (number === undefined || id === undefined || !isUuid(id) || id === ZERO_UUID) {
    throw new CorruptDataError(`Malformed partition metadata file [${file}]`, { file });
  }
  return id;
}

/** The bytes of `.kafka_cleanshutdown`. */
export function encodeCleanShutdown(brokerEpoch: number): Uint8Array {
  return Buffer.from(`{"version":${VERSION},"brokerEpoch":${brokerEpoch}}`);
}

/** The broker epoch in `.kafka_cleanshutdown`; null when it says none. */
export function decodeCleanShutdown(bytes: Uint8Array): number | null {
  const [, epoch] = /"brokerEpoch"\s*:\s*(-?\d+)/.exec(textOf(bytes)) ?? [];
  return epoch === undefined ? null : Number(epoch);
}

function encodeLines(lines: readonly string[]): Uint8Array {
  return Buffer.from([VERSION, lines.length, ...lines, ''].join('\n'));
}

function decodeLines(bytes: Uint8Array | null, fields: number, file: string): string[][] {
  if (bytes === null || bytes.length === 0) return [];
  const [version, count, ...lines] = textOf(bytes)
    .replace(/\r?\n$/, '')
    .split(/\r?\n/);
  if (version !== String(VERSION)) {
    throw new CorruptDataError(`Unrecognised version: ${version}, expected version: ${VERSION} in ${file}`, { file });
  }
  if (count === undefined) return [];
  const entries = lines.map((line) => line.split(/\s+/));
  if (entries.length !== integer(count, file) || entries.some((entry) => entry.length !== fields)) {
    throw new CorruptDataError(`Malformed checkpoint file [${file}]: ${entries.length} entries of ${count}`, { file });
  }
  return entries;
}

function integer(text: string, file: string): number {
  const value = Number(text);
  if (/^-?\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new CorruptDataError(`Malformed number in checkpoint file [${file}]: ${text}`, { file });
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
