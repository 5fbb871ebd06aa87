/**
 * Bytes of `__transaction_state`: keys begin with the record's type, values with their version.
 *
 * Shape: key = type int16 | TransactionLogKey v0; value = version int16 | TransactionLogValue of that version; a null value is a tombstone.
 * The last producer epoch is not written: who asks again across a change of coordinator is fenced, as in Kafka.
 * Source: org.apache.kafka.coordinator.transaction.TransactionLog.
 */
import { CorruptDataError } from '@skarab/base';
import {
  decodeTransactionLogKey,
  decodeTransactionLogValue,
  encodeTransactionLogKey,
  encodeTransactionLogValue,
  newTransactionLogValue,
  Reader,
  type TransactionLogValue,
  TransactionRecordType,
  Writer,
} from '@skarab/protocol';
import type { CoordinatorRecordSerde } from '../../runtime/coordinator-shard.ts';
import { PartitionSet } from '../partition-set.ts';
import { NO_PRODUCER_EPOCH, type TransactionMetadata } from '../transaction-metadata.ts';
import { transactionStateIds, transactionStateOf } from '../transaction-state.ts';
import type { TransactionRecord } from './transaction-record.ts';

const HIGHEST_VALUE_VERSION = 1;

/** Reads and writes the transaction coordinator's records. */
export const transactionRecordSerde: CoordinatorRecordSerde<TransactionRecord> = {
  encode({ transactionalId, metadata, valueVersion }) {
    const writer = new Writer();
    writer.int16(TransactionRecordType.TRANSACTION_LOG);
    encodeTransactionLogKey(writer, { transactionalId }, 0);
    const keySize = writer.size;
    if (metadata !== null) {
      writer.int16(valueVersion);
      encodeTransactionLogValue(writer, logValueOf(metadata, valueVersion), valueVersion);
    }
    const bytes = writer.toBytes();
    return { key: bytes.subarray(0, keySize), value: metadata === null ? null : bytes.subarray(keySize) };
  },

  decode(key, value) {
    const keyReader = new Reader(key);
    const type = keyReader.int16();
    if (type !== TransactionRecordType.TRANSACTION_LOG) return type;
    const { transactionalId } = decodeTransactionLogKey(keyReader, 0);
    if (value === null) return { transactionalId, metadata: null, valueVersion: HIGHEST_VALUE_VERSION };
    const valueReader = new Reader(value);
    const valueVersion = valueReader.int16();
    if (valueVersion < 0 || valueVersion > HIGHEST_VALUE_VERSION)
      throw new CorruptDataError(`the value of transactional id ${transactionalId} has version ${valueVersion}`);
    const metadata = metadataOf(decodeTransactionLogValue(valueReader, valueVersion));
    return { transactionalId, metadata, valueVersion };
  },
};

function logValueOf(metadata: TransactionMetadata, valueVersion: number): TransactionLogValue {
  const { state, partitions } = metadata;
  const topics = partitions.byTopic().map(({ topic, partitions: partitionIds }) => ({ topic, partitionIds }));
  return newTransactionLogValue({
    producerId: BigInt(metadata.producerId),
    producerEpoch: metadata.producerEpoch,
    transactionTimeoutMs: metadata.timeoutMs,
    transactionStatus: transactionStateIds[state],
    transactionPartitions: state === 'Empty' ? null : topics,
    transactionLastUpdateTimestampMs: BigInt(metadata.lastUpdateTimestampMs),
    transactionStartTimestampMs: BigInt(metadata.startTimestampMs),
    ...(valueVersion >= 1 && {
      previousProducerId: BigInt(metadata.previousProducerId),
      nextProducerId: BigInt(metadata.nextProducerId),
      clientTransactionVersion: metadata.clientTransactionVersion,
    }),
  });
}

function metadataOf(value: TransactionLogValue): TransactionMetadata {
  const state = transactionStateOf(value.transactionStatus);
  if (state === undefined) throw new CorruptDataError(`a transaction has the unknown state ${value.transactionStatus}`);
  const topics = state === 'Empty' ? [] : (value.transactionPartitions ?? []);
  return {
    producerId: Number(value.producerId),
    previousProducerId: Number(value.previousProducerId),
    nextProducerId: Number(value.nextProducerId),
    producerEpoch: value.producerEpoch,
    lastProducerEpoch: NO_PRODUCER_EPOCH,
    timeoutMs: value.transactionTimeoutMs,
    state,
    partitions: PartitionSet.of(
      topics.flatMap(({ topic, partitionIds }) => partitionIds.map((partition) => ({ topic, partition }))),
    ),
    startTimestampMs: Number(value.transactionStartTimestampMs),
    lastUpdateTimestampMs: Number(value.transactionLastUpdateTimestampMs),
    clientTransactionVersion: value.clientTransactionVersion,
  };
}
