/**
 * What KRaft writes about itself between the records of others: typed here, bytes in control batches.
 *
 * Source: org.apache.kafka.raft.ControlRecord, org.apache.kafka.common.record.internal.ControlRecordUtils.
 */
import { ZERO_UUID } from '@skarab/base';
import {
  decodeKRaftVersionRecord,
  decodeLeaderChangeMessage,
  decodeSnapshotFooterRecord,
  decodeSnapshotHeaderRecord,
  decodeVotersRecord,
  encodeKRaftVersionRecord,
  encodeLeaderChangeMessage,
  encodeSnapshotFooterRecord,
  encodeSnapshotHeaderRecord,
  encodeVotersRecord,
  newKRaftVersionRecord,
  newLeaderChangeMessage,
  newSnapshotFooterRecord,
  newSnapshotHeaderRecord,
  Reader,
  Writer,
} from '@skarab/protocol';
import { type ControlRecord, ControlRecordType, parseControlRecordType, type RecordBatch } from '@skarab/records';
import { VoterSet } from './voter-set.ts';

/** A control record of the metadata log or a snapshot. */
export type ControlMessage =
  | {
      readonly type: 'LeaderChange';
      readonly leaderId: number;
      readonly voterIds: readonly number[];
      readonly grantingVoterIds: readonly number[];
    }
  | { readonly type: 'KraftVersion'; readonly version: number }
  | { readonly type: 'Voters'; readonly voters: VoterSet }
  | { readonly type: 'SnapshotHeader'; readonly lastContainedLogTimestampMs: number }
  | { readonly type: 'SnapshotFooter' };

/** All schemas are at version 0 in 4.3.1. */
const VERSION = 0;

function write<M>(encode: (writer: Writer, message: M, version: number) => void, message: M): Uint8Array {
  const writer = new Writer();
  encode(writer, message, VERSION);
  return writer.toBytes();
}

/** The message as the control batch builder takes it. */
export function encodeControlMessage(message: ControlMessage): ControlRecord {
  switch (message.type) {
    case 'LeaderChange': {
      const asVoters = (ids: readonly number[]) => ids.map((voterId) => ({ voterId, voterDirectoryId: ZERO_UUID }));
      const data = newLeaderChangeMessage({
        version: VERSION,
        leaderId: message.leaderId,
        voters: asVoters(message.voterIds),
        grantingVoters: asVoters(message.grantingVoterIds),
      });
      return { type: ControlRecordType.LEADER_CHANGE, value: write(encodeLeaderChangeMessage, data) };
    }
    case 'KraftVersion': {
      const data = newKRaftVersionRecord({ version: VERSION, kRaftVersion: message.version });
      return { type: ControlRecordType.KRAFT_VERSION, value: write(encodeKRaftVersionRecord, data) };
    }
    case 'Voters':
      return { type: ControlRecordType.KRAFT_VOTERS, value: write(encodeVotersRecord, message.voters.toRecord()) };
    case 'SnapshotHeader': {
      const lastContainedLogTimestamp = BigInt(message.lastContainedLogTimestampMs);
      const data = newSnapshotHeaderRecord({ version: VERSION, lastContainedLogTimestamp });
      return { type: ControlRecordType.SNAPSHOT_HEADER, value: write(encodeSnapshotHeaderRecord, data) };
    }
    case 'SnapshotFooter': {
      const data = newSnapshotFooterRecord({ version: VERSION });
      return { type: ControlRecordType.SNAPSHOT_FOOTER, value: write(encodeSnapshotFooterRecord, data) };
    }
  }
}

/** A message with the offset of its record. */
export interface LocatedControlMessage {
  readonly offset: number;
  readonly message: ControlMessage;
}

/** The messages of a control batch; kinds of later versions are left out. Errors: `CorruptDataError`. */
export function* controlMessages(batch: RecordBatch): Generator<LocatedControlMessage> {
  for (const { offset, key, value } of batch.records()) {
    const message = decodeControlMessage(parseControlRecordType(key), value ?? new Uint8Array(0));
    if (message !== null) yield { offset, message };
  }
}

function decodeControlMessage(type: ControlRecordType, value: Uint8Array): ControlMessage | null {
  const reader = new Reader(value);
  switch (type) {
    case ControlRecordType.LEADER_CHANGE: {
      const { leaderId, voters, grantingVoters } = decodeLeaderChangeMessage(reader, VERSION);
      const idsOf = (list: readonly { voterId: number }[]) => list.map(({ voterId }) => voterId);
      return { type: 'LeaderChange', leaderId, voterIds: idsOf(voters), grantingVoterIds: idsOf(grantingVoters) };
    }
    case ControlRecordType.KRAFT_VERSION:
      return { type: 'KraftVersion', version: decodeKRaftVersionRecord(reader, VERSION).kRaftVersion };
    case ControlRecordType.KRAFT_VOTERS:
      return { type: 'Voters', voters: VoterSet.fromRecord(decodeVotersRecord(reader, VERSION)) };
    case ControlRecordType.SNAPSHOT_HEADER: {
      const { lastContainedLogTimestamp } = decodeSnapshotHeaderRecord(reader, VERSION);
      return { type: 'SnapshotHeader', lastContainedLogTimestampMs: Number(lastContainedLogTimestamp) };
    }
    case ControlRecordType.SNAPSHOT_FOOTER:
      decodeSnapshotFooterRecord(reader, VERSION);
      return { type: 'SnapshotFooter' };
    default:
      return null;
  }
}
