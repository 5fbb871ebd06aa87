/**
 * What a replica must never forget about elections, and the one line of JSON in which `quorum-state` keeps it.
 *
 * Shape: version 0 for `kraft.version` 0, version 1 (with the voted directory, without voters) from 1 on. Keys are in Kafka's order, so
 * that the file is the same to the byte. Source: org.apache.kafka.raft.ElectionState, FileQuorumStateStore, QuorumStateData.
 */
import { CorruptDataError, isUuid, ZERO_UUID } from '@skarab/base';
import type { ReplicaKey } from './replica-key.ts';

/** The file that holds it, in the folder of the metadata log. */
export const QUORUM_STATE_FILE = 'quorum-state';

/** The newest epoch seen, who leads in it, and for whom this replica voted in it. */
export interface ElectionState {
  readonly epoch: number;
  readonly leaderId: number | null;
  readonly votedKey: ReplicaKey | null;
}

const NONE = -1;

/** The content of the file. `voterIds` are written at version 0 only. */
export function encodeElectionState(state: ElectionState, kraftVersion: number, voterIds: readonly number[]): string {
  const leaderId = state.leaderId ?? NONE;
  const votedId = state.votedKey?.id ?? NONE;
  if (kraftVersion === 0) {
    return JSON.stringify({
      clusterId: '',
      leaderId,
      leaderEpoch: state.epoch,
      votedId,
      appliedOffset: 0,
      currentVoters: voterIds.map((voterId) => ({ voterId })),
      data_version: 0,
    });
  }
  const votedDirectoryId = state.votedKey?.directoryId ?? ZERO_UUID;
  return JSON.stringify({ leaderId, leaderEpoch: state.epoch, votedId, votedDirectoryId, data_version: 1 });
}

/** Reads the content of the file. Errors: `CorruptDataError`. */
export function decodeElectionState(text: string, file = QUORUM_STATE_FILE): ElectionState {
  const fields = parseObject(text, file);
  const version = integer(fields, 'data_version', file);
  if (version !== 0 && version !== 1) {
    throw new CorruptDataError(`${file} has data_version ${version}, which is neither 0 nor 1`, { file });
  }
  const leaderId = integer(fields, 'leaderId', file);
  const votedId = integer(fields, 'votedId', file);
  const directory = version === 1 ? fields['votedDirectoryId'] : ZERO_UUID;
  if (typeof directory !== 'string' || !isUuid(directory)) {
    throw new CorruptDataError(`${file} has no votedDirectoryId`, { file });
  }
  return {
    epoch: integer(fields, 'leaderEpoch', file),
    leaderId: leaderId === NONE ? null : leaderId,
    votedKey: votedId === NONE ? null : { id: votedId, directoryId: directory === ZERO_UUID ? null : directory },
  };
}

function parseObject(text: string, file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text.split('\n', 1)[0] ?? '');
  } catch (cause) {
    throw new CorruptDataError(`${file} is not JSON`, { file, cause });
  }
  if (typeof value !== 'object' || value === null) throw new CorruptDataError(`${file} is not an object`, { file });
  return value as Record<string, unknown>;
}

function integer(fields: Record<string, unknown>, name: string, file: string): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
    throw new CorruptDataError(`${file} has no ${name}`, { file });
  }
  return value;
}
