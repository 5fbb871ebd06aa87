/**
 * `quorum-state` in the folder of the metadata log. Source: org.apache.kafka.raft.FileQuorumStateStore.
 */
import type { Storage } from '@skarab/log';
import {
  decodeElectionState,
  type ElectionState,
  encodeElectionState,
  QUORUM_STATE_FILE,
} from '../core/election-state.ts';

/** The file. */
export class ElectionFile {
  readonly #storage: Storage;
  readonly #path: string;

  constructor(storage: Storage, directory: string) {
    this.#storage = storage;
    this.#path = `${directory}/${QUORUM_STATE_FILE}`;
  }

  /** What is remembered; null for a node that never took part. Errors: `CorruptDataError`, `StorageError`. */
  read(): ElectionState | null {
    const bytes = this.#storage.readFile(this.#path);
    return bytes === null ? null : decodeElectionState(Buffer.from(bytes).toString('utf8'), this.#path);
  }

  /** Resolves when it is durable. Errors: rejects with `StorageError`. */
  store(state: ElectionState, kraftVersion: number, voterIds: readonly number[]): Promise<void> {
    const text = encodeElectionState(state, kraftVersion, voterIds);
    return this.#storage.replaceFileDurably(this.#path, Buffer.from(text));
  }
}
