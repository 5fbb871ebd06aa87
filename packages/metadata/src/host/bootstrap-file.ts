/**
 * `bootstrap.checkpoint`: the records that a cluster begins with, in the form of a snapshot.
 *
 * Source: org.apache.kafka.metadata.bootstrap.BootstrapDirectory, org.apache.kafka.metadata.util.BatchFileWriter.
 */
import type { Storage } from '@skarab/log';
import { committedBatch, readBatches, SnapshotBatches } from '@skarab/raft';
import {
  type BootstrapMetadata,
  bootstrapFromRecords,
  defaultBootstrap,
} from '../core/bootstrap/bootstrap-metadata.ts';
import type { MetadataRecord } from '../core/record/metadata-record.ts';
import { decodeMetadataRecord, encodeMetadataRecord } from '../core/record/serde.ts';

/** The file's name in the directory that holds the metadata log. */
export const BOOTSTRAP_FILE = 'bootstrap.checkpoint';

/** Reads the file, or gives the newest stable version when there is none. Errors: `CorruptDataError`, `StateError`. */
export function readBootstrap(storage: Storage, logDir: string): BootstrapMetadata {
  const path = `${logDir}/${BOOTSTRAP_FILE}`;
  if (storage.status(path) === null) return defaultBootstrap();
  const records: MetadataRecord[] = [];
  for (const batch of readBatches(storage.file(path))) {
    for (const value of committedBatch(batch).values) records.push(decodeMetadataRecord(value));
  }
  return bootstrapFromRecords(records, `the binary bootstrap metadata file: ${path}`);
}

/** Writes the file, as a whole or not at all. Errors: rejects with `StorageError`. */
export async function writeBootstrap(
  storage: Storage,
  logDir: string,
  { records }: BootstrapMetadata,
  nowMs: number,
): Promise<void> {
  const batches = new SnapshotBatches(0);
  const header = { lastContainedLogTimestampMs: 0, kraftVersion: 0, voters: null };
  const chunks = [
    batches.header(header, nowMs),
    ...batches.data(records.map(encodeMetadataRecord), nowMs),
    batches.footer(nowMs),
  ];
  await storage.replaceFileDurably(`${logDir}/${BOOTSTRAP_FILE}`, Buffer.concat(chunks));
}
