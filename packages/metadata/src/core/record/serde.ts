/**
 * Metadata records as bytes, the values of records in the metadata log and its snapshots.
 *
 * Shape: frameVersion varint (1) | type varint | version varint | the record's fields.
 * Source: org.apache.kafka.metadata.MetadataRecordSerde, AbstractApiMessageSerde.
 */
import { assert, CorruptDataError } from '@skarab/base';
import { metadataRecordCodecs, Reader, type TypedRecordCodec, Writer } from '@skarab/protocol';
import type { MetadataRecord } from './metadata-record.ts';

const FRAME_VERSION = 1;
/** Records of a snapshot may have arrays longer than any request's. */
const MAX_ARRAY_LENGTH = 0x7fffffff;

const codecByName: ReadonlyMap<string, TypedRecordCodec> = new Map(
  [...metadataRecordCodecs.values()].map((entry) => [entry.name, entry]),
);

/** Writes `record`. */
export function encodeMetadataRecord(record: MetadataRecord): Uint8Array {
  const entry = codecByName.get(record.type);
  assert(entry !== undefined, `no schema for ${record.type}`);
  const writer = new Writer();
  writer.unsignedVarint(FRAME_VERSION);
  writer.unsignedVarint(entry.type);
  writer.unsignedVarint(record.version);
  entry.codec.encode(writer, record.data, record.version);
  return writer.toBytes();
}

/** Reads a record. Errors: `CorruptDataError` for anything that is not exactly one record of a known type and version. */
export function decodeMetadataRecord(bytes: Uint8Array): MetadataRecord {
  const reader = new Reader(bytes, 0, MAX_ARRAY_LENGTH);
  const frameVersion = reader.unsignedVarint();
  if (frameVersion !== FRAME_VERSION) {
    throw new CorruptDataError(`Metadata record has frame version ${frameVersion}; only ${FRAME_VERSION} is supported`);
  }
  const type = reader.unsignedVarint();
  const version = reader.unsignedVarint();
  const entry = metadataRecordCodecs.get(type);
  if (entry === undefined) throw new CorruptDataError(`Unknown metadata record type ${type}`);
  if (version > entry.versions.max) throw new CorruptDataError(`Unknown version ${version} of ${entry.name}`);
  const data = entry.codec.decode(reader, version);
  if (reader.remaining > 0) throw new CorruptDataError(`${reader.remaining} bytes remain after a ${entry.name}`);
  // The table pairs each type's name with its own codec, which the type system cannot see.
  return { type: entry.name, version, data } as unknown as MetadataRecord;
}
