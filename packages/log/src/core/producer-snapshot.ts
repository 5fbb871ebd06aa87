/**
 * The bytes of a producer snapshot, `.snapshot`: the producers known at an offset, the last batch of each.
 *
 * Shape: version int16, crc uint32 (CRC-32C of what follows it), then the entries; see the generated `ProducerSnapshot`.
 * Source: org.apache.kafka.storage.internals.log.ProducerStateManager (readSnapshot, writeSnapshot).
 */
import { CorruptDataError, KafkaError } from '@skarab/base';
import {
  decodeProducerSnapshot,
  encodeProducerSnapshot,
  newProducerSnapshot,
  type ProducerEntry,
  Reader,
  Writer,
} from '@skarab/protocol';
import { crc32c } from '@skarab/records';
import { readInt16, readInt32, writeInt32 } from './big-endian.ts';
import { ProducerStateEntry } from './producer-state-entry.ts';

const VERSION = 1;
const CRC_POSITION = 2;
const ENTRIES_POSITION = 6;

/** Entries in a snapshot at most: as many as its bytes can hold. */
const ENTRY_SIZE = 42;

/** A snapshot of these producers, by producer id. */
export function encodeSnapshot(producers: Iterable<ProducerStateEntry>): Uint8Array {
  const producerEntries = [...producers].sort((a, b) => a.producerId - b.producerId).map(toProducerEntry);
  const writer = new Writer(ENTRIES_POSITION + 4 + producerEntries.length * ENTRY_SIZE);
  writer.int16(VERSION);
  encodeProducerSnapshot(writer, newProducerSnapshot({ producerEntries }), VERSION);
  const bytes = writer.toBytes();
  writeInt32(bytes, CRC_POSITION, crc32c(bytes, ENTRIES_POSITION));
  return bytes;
}

/** The producers of a snapshot. Errors: `CorruptDataError`. */
export function decodeSnapshot(bytes: Uint8Array, file: string): ProducerStateEntry[] {
  if (bytes.length < ENTRIES_POSITION) throw new CorruptDataError('Snapshot is too short to be one', { file });
  const version = readInt16(bytes, 0);
  if (version !== VERSION)
    throw new CorruptDataError(`Snapshot contained an unknown file version ${version}`, { file });
  const stored = readInt32(bytes, CRC_POSITION) >>> 0;
  const computed = crc32c(bytes, ENTRIES_POSITION);
  if (stored !== computed) {
    throw new CorruptDataError(
      `Snapshot is corrupt (CRC is no longer valid). Stored crc: ${stored}. Computed crc: ${computed}`,
      { file },
    );
  }
  try {
    const reader = new Reader(bytes, CRC_POSITION, Math.ceil(bytes.length / ENTRY_SIZE));
    return decodeProducerSnapshot(reader, VERSION).producerEntries.map(toStateEntry);
  } catch (cause) {
    if (!(cause instanceof KafkaError)) throw cause;
    throw new CorruptDataError(`Snapshot failed schema validation: ${cause.message}`, { file, cause });
  }
}

function toProducerEntry(entry: ProducerStateEntry): ProducerEntry {
  return {
    producerId: BigInt(entry.producerId),
    epoch: entry.producerEpoch,
    lastSequence: entry.lastSequence,
    lastOffset: BigInt(entry.lastDataOffset),
    offsetDelta: entry.lastOffsetDelta,
    timestamp: BigInt(entry.lastTimestamp),
    coordinatorEpoch: entry.coordinatorEpoch,
    currentTxnFirstOffset: BigInt(entry.currentTxnFirstOffset ?? -1),
  };
}

function toStateEntry(stored: ProducerEntry): ProducerStateEntry {
  const entry = new ProducerStateEntry(Number(stored.producerId));
  entry.producerEpoch = stored.epoch;
  entry.coordinatorEpoch = stored.coordinatorEpoch;
  entry.lastTimestamp = Number(stored.timestamp);
  if (stored.currentTxnFirstOffset >= 0n) entry.currentTxnFirstOffset = Number(stored.currentTxnFirstOffset);
  if (stored.lastOffset >= 0n) {
    entry.addBatch(stored.epoch, {
      lastSequence: stored.lastSequence,
      lastOffset: Number(stored.lastOffset),
      offsetDelta: stored.offsetDelta,
      timestamp: Number(stored.timestamp),
    });
  }
  return entry;
}
