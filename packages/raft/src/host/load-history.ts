/**
 * Finds out who votes: from the newest snapshot, then from all control batches behind it.
 *
 * Source: org.apache.kafka.raft.internals.KRaftControlRecordStateMachine.
 */
import { iterateBatches } from '@skarab/records';
import type { ControlHistory } from '../core/control-history.ts';
import type { RaftLog } from '../ports.ts';
import { messagesOf, type SnapshotFiles } from './snapshot-files.ts';

/** Bytes read from the log at a time. */
const PIECE_SIZE = 1024 * 1024;

/** Fills `history`; gives way after each piece. Errors: `CorruptDataError`. */
export async function loadHistory(
  history: ControlHistory,
  snapshots: SnapshotFiles,
  log: RaftLog,
  nextTurn: () => Promise<void>,
): Promise<void> {
  const { latest } = snapshots;
  let offset = log.startOffset;
  if (latest !== null) {
    offset = latest.offset;
    for (const batch of snapshots.batches(latest)) {
      for (const { message } of messagesOf(batch)) history.replay(latest.offset - 1, message);
    }
  }
  while (offset < log.endOffset) {
    for (const batch of iterateBatches(log.read(offset, PIECE_SIZE))) {
      for (const located of messagesOf(batch)) history.replay(located.offset, located.message);
      offset = batch.nextOffset;
    }
    await nextTurn();
  }
}
