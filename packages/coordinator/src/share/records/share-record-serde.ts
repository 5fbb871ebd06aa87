/**
 * The bytes of the records of `__share_group_state`.
 *
 * Shape: key = int16 type, then the key's fields; value = int16 version, then its fields. Codec, without state.
 * Source: org.apache.kafka.coordinator.share.ShareCoordinatorRecordSerde, org.apache.kafka.coordinator.common.runtime.CoordinatorRecordSerde.
 */
import { CorruptDataError } from '@skarab/base';
import {
  decodeShareSnapshotKey,
  decodeShareSnapshotValue,
  decodeShareUpdateKey,
  decodeShareUpdateValue,
  encodeShareSnapshotKey,
  encodeShareSnapshotValue,
  encodeShareUpdateKey,
  encodeShareUpdateValue,
  Reader,
  ShareRecordType,
  Writer,
} from '@skarab/protocol';
import type { CoordinatorRecordSerde } from '../../runtime/coordinator-shard.ts';
import type { ShareRecord } from './share-record.ts';

/** Keys and values have had one version so far. */
const VERSION = 0;

/** Reads and writes the share coordinator's records. */
export const shareRecordSerde: CoordinatorRecordSerde<ShareRecord> = {
  encode(record) {
    const writer = new Writer();
    writer.int16(record.type === 'shareSnapshot' ? ShareRecordType.SHARE_SNAPSHOT : ShareRecordType.SHARE_UPDATE);
    if (record.type === 'shareSnapshot') encodeShareSnapshotKey(writer, record.key, VERSION);
    else encodeShareUpdateKey(writer, record.key, VERSION);
    const keySize = writer.size;
    if (record.value !== null) writer.int16(VERSION);
    if (record.type === 'shareUpdate') encodeShareUpdateValue(writer, record.value, VERSION);
    else if (record.value !== null) encodeShareSnapshotValue(writer, record.value, VERSION);
    const bytes = writer.toBytes();
    return { key: bytes.subarray(0, keySize), value: record.value === null ? null : bytes.subarray(keySize) };
  },

  decode(key, value) {
    const keyReader = new Reader(key);
    const type = keyReader.int16();
    if (type !== ShareRecordType.SHARE_SNAPSHOT && type !== ShareRecordType.SHARE_UPDATE) return type;
    const valueReader = value === null ? null : valueReaderOf(type, value);
    if (type === ShareRecordType.SHARE_SNAPSHOT)
      return {
        type: 'shareSnapshot',
        key: decodeShareSnapshotKey(keyReader, VERSION),
        value: valueReader === null ? null : decodeShareSnapshotValue(valueReader, VERSION),
      };
    if (valueReader === null) throw new CorruptDataError('a share update has no value');
    return {
      type: 'shareUpdate',
      key: decodeShareUpdateKey(keyReader, VERSION),
      value: decodeShareUpdateValue(valueReader, VERSION),
    };
  },
};

function valueReaderOf(type: number, value: Uint8Array): Reader {
  const reader = new Reader(value);
  const version = reader.int16();
  if (version !== VERSION)
    throw new CorruptDataError(`a value of record type ${type} has version ${version}, not ${VERSION}`);
  return reader;
}
