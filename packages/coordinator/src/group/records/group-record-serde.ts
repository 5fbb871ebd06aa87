/**
 * Bytes of `__consumer_offsets`: keys begin with the record's type, values with their version.
 *
 * Shape: key = type int16 | key message v0; value = version int16 | value message of that version; a null value is a tombstone.
 * Source: org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde, org.apache.kafka.coordinator.common.runtime.CoordinatorRecordSerde.
 */
import { assert, CorruptDataError } from '@skarab/base';
import {
  decodeGroupMetadataKey,
  decodeGroupMetadataValue,
  decodeLegacyOffsetCommitValue,
  decodeOffsetCommitKey,
  decodeOffsetCommitValue,
  encodeGroupMetadataKey,
  encodeGroupMetadataValue,
  encodeOffsetCommitKey,
  encodeOffsetCommitValue,
  GroupRecordType,
  groupRecordCodecs,
  newOffsetCommitValue,
  Reader,
  Writer,
} from '@skarab/protocol';
import type { CoordinatorRecordSerde, EncodedRecord } from '../../runtime/coordinator-shard.ts';
import type { ConsumerGroupRecord } from './consumer-group-records.ts';
import type { GroupMetadataRecord, GroupRecord, OffsetCommitRecord } from './group-record.ts';
import type { ShareGroupRecord } from './share-group-records.ts';
import { type StreamsGroupRecord, streamsRecordTypes } from './streams-group-records.ts';

const knownTypes: ReadonlySet<number> = new Set(Object.values(GroupRecordType));

/** The highest versions of values that are read; those of the other types have had one version so far. */
const highestValueVersions: ReadonlyMap<number, number> = new Map([
  [GroupRecordType.OFFSET_COMMIT, 4],
  [GroupRecordType.GROUP_METADATA, 4],
]);

/** The records of consumer, share and streams groups, which have had one version so far. */
type ModernGroupRecord = ConsumerGroupRecord | ShareGroupRecord | StreamsGroupRecord;

/** Their types. */
const modernRecordTypes: ReadonlyMap<number, ModernGroupRecord['type']> = new Map<number, ModernGroupRecord['type']>([
  [GroupRecordType.CONSUMER_GROUP_METADATA, 'consumerGroupMetadata'],
  [GroupRecordType.CONSUMER_GROUP_PARTITION_METADATA, 'consumerGroupPartitionMetadata'],
  [GroupRecordType.CONSUMER_GROUP_MEMBER_METADATA, 'consumerGroupMemberMetadata'],
  [GroupRecordType.CONSUMER_GROUP_TARGET_ASSIGNMENT_METADATA, 'consumerGroupTargetAssignmentMetadata'],
  [GroupRecordType.CONSUMER_GROUP_TARGET_ASSIGNMENT_MEMBER, 'consumerGroupTargetAssignmentMember'],
  [GroupRecordType.CONSUMER_GROUP_CURRENT_MEMBER_ASSIGNMENT, 'consumerGroupCurrentMemberAssignment'],
  [GroupRecordType.CONSUMER_GROUP_REGULAR_EXPRESSION, 'consumerGroupRegularExpression'],
  [GroupRecordType.SHARE_GROUP_METADATA, 'shareGroupMetadata'],
  [GroupRecordType.SHARE_GROUP_MEMBER_METADATA, 'shareGroupMemberMetadata'],
  [GroupRecordType.SHARE_GROUP_TARGET_ASSIGNMENT_METADATA, 'shareGroupTargetAssignmentMetadata'],
  [GroupRecordType.SHARE_GROUP_TARGET_ASSIGNMENT_MEMBER, 'shareGroupTargetAssignmentMember'],
  [GroupRecordType.SHARE_GROUP_CURRENT_MEMBER_ASSIGNMENT, 'shareGroupCurrentMemberAssignment'],
  [GroupRecordType.SHARE_GROUP_STATE_PARTITION_METADATA, 'shareGroupStatePartitionMetadata'],
  ...streamsRecordTypes,
]);

const numberOfModernRecord = new Map([...modernRecordTypes].map(([number, type]) => [type, number]));

/** Reads and writes the group coordinator's records. */
export const groupRecordSerde: CoordinatorRecordSerde<GroupRecord> = {
  encode(record) {
    switch (record.type) {
      case 'offsetCommit':
        return encodeOffsetCommit(record);
      case 'groupMetadata':
        return encodeGroupMetadata(record);
      default:
        return encodeModernGroupRecord(record);
    }
  },

  decode(key, value) {
    const keyReader = new Reader(key);
    const type = keyReader.int16();
    if (!knownTypes.has(type)) return type;
    const highest = highestValueVersions.get(type) ?? 0;
    const valueReader = value === null ? null : new Reader(value);
    const version = valueReader === null ? highest : valueReader.int16();
    if (version < 0 || version > highest)
      throw new CorruptDataError(`a value of record type ${type} has version ${version}, not 0 to ${highest}`);
    return decodeKnown(type, keyReader, valueReader, version);
  },
};

function decodeKnown(type: number, key: Reader, value: Reader | null, version: number): GroupRecord {
  switch (type) {
    case GroupRecordType.LEGACY_OFFSET_COMMIT:
      return {
        type: 'offsetCommit',
        key: decodeOffsetCommitKey(key, 0),
        value: value === null ? null : newOffsetCommitValue(decodeLegacyOffsetCommitValue(value, version)),
        valueVersion: version,
      };
    case GroupRecordType.OFFSET_COMMIT:
      return {
        type: 'offsetCommit',
        key: decodeOffsetCommitKey(key, 0),
        value: value === null ? null : decodeOffsetCommitValue(value, version),
        valueVersion: version,
      };
    case GroupRecordType.GROUP_METADATA:
      return {
        type: 'groupMetadata',
        key: decodeGroupMetadataKey(key, 0),
        value: value === null ? null : decodeGroupMetadataValue(value, version),
        valueVersion: version,
      };
    default: {
      const modernType = modernRecordTypes.get(type);
      assert(modernType !== undefined, `record type ${type} has no codec`);
      return decodeModernGroupRecord(type, modernType, key, value, version);
    }
  }
}

function decodeModernGroupRecord(
  number: number,
  type: ModernGroupRecord['type'],
  key: Reader,
  value: Reader | null,
  version: number,
): ModernGroupRecord {
  const codec = groupRecordCodecs.get(number)!;
  // Type, key and value belong together by the number, which the type of the codec cannot say.
  return {
    type,
    key: codec.key.decode(key, 0),
    value: value === null ? null : codec.value.decode(value, version),
  } as ModernGroupRecord;
}

function encodeModernGroupRecord({ type, key, value }: ModernGroupRecord): EncodedRecord {
  const number = numberOfModernRecord.get(type)!;
  const codec = groupRecordCodecs.get(number)!;
  const writer = new Writer();
  writer.int16(number);
  codec.key.encode(writer, key, 0);
  const keySize = writer.size;
  if (value !== null) {
    writer.int16(0);
    codec.value.encode(writer, value, 0);
  }
  return split(writer, keySize, value !== null);
}

function encodeOffsetCommit({ key, value, valueVersion }: OffsetCommitRecord): EncodedRecord {
  const writer = new Writer();
  writer.int16(GroupRecordType.OFFSET_COMMIT);
  encodeOffsetCommitKey(writer, key, 0);
  const keySize = writer.size;
  if (value !== null) {
    writer.int16(valueVersion);
    encodeOffsetCommitValue(writer, value, valueVersion);
  }
  return split(writer, keySize, value !== null);
}

function encodeGroupMetadata({ key, value, valueVersion }: GroupMetadataRecord): EncodedRecord {
  const writer = new Writer();
  writer.int16(GroupRecordType.GROUP_METADATA);
  encodeGroupMetadataKey(writer, key, 0);
  const keySize = writer.size;
  if (value !== null) {
    writer.int16(valueVersion);
    encodeGroupMetadataValue(writer, value, valueVersion);
  }
  return split(writer, keySize, value !== null);
}

/** Key and value are written one behind the other: one piece of memory per record. */
function split(writer: Writer, keySize: number, hasValue: boolean): EncodedRecord {
  const bytes = writer.toBytes();
  return { key: bytes.subarray(0, keySize), value: hasValue ? bytes.subarray(keySize) : null };
}
