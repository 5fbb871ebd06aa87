/**
 * A share coordinator with one partition, a log in memory that commits at once, and a clock that the test moves.
 */
import assert from 'node:assert/strict';
import { silentLogger, type Uuid } from '@skarab/base';
import { buildBatch, RecordBatch, type SimpleRecord } from '@skarab/records';
import {
  newShareCoordinatorConfig,
  ShareCoordinator,
  type ShareCoordinatorConfig,
  type ShareStateRequest,
  type ShareStateRequestKind,
  type ShareStateResponse,
} from '../src/index.ts';

/** Topics whose id begins with an A are not known; others have three partitions. */
export const partitionCountOf = (topicId: Uuid): number | null => (topicId.startsWith('A') ? null : 3);

export class ShareHost {
  readonly #coordinator: ShareCoordinator;
  readonly log: SimpleRecord[] = [];
  readonly pruned: number[] = [];
  #responses: ShareStateResponse<ShareStateRequestKind>[] = [];
  /** Whether the high watermark follows the log's end. */
  commits = true;
  nowMs = 1000;

  constructor(config: Partial<ShareCoordinatorConfig> = {}, log: readonly SimpleRecord[] = []) {
    this.log.push(...log);
    this.#coordinator = new ShareCoordinator({
      config: newShareCoordinatorConfig(config),
      partitionCount: 1,
      maxBatchBytes: () => 1 << 20,
      topics: { partitionCountOf },
      logger: silentLogger,
    });
    this.#coordinator.onElected(0, 1);
    this.#coordinator.onFeatureChanged(true, this.nowMs);
    this.#drain();
  }

  /** The response, once it is there; undefined while it waits. */
  request<K extends ShareStateRequestKind>(kind: K, request: ShareStateRequest<K>): ShareStateResponse<K> | undefined {
    this.#coordinator.handleRequest(kind, request, 1, this.nowMs);
    this.#drain();
    return this.#responses.pop() as ShareStateResponse<K> | undefined;
  }

  /** The records of the log from `offset` on, as hexadecimal text. */
  recordsFrom(offset: number): string[] {
    const hex = (bytes: Uint8Array | null): string => (bytes === null ? 'null' : Buffer.from(bytes).toString('hex'));
    return this.log.slice(offset).map(({ key, value }) => `record ${hex(key)} ${hex(value)}`);
  }

  advanceTo(nowMs: number): void {
    this.nowMs = nowMs;
    this.#coordinator.onTimer(nowMs);
    this.#drain();
  }

  deleteTopics(...topicIds: Uuid[]): void {
    this.#coordinator.onTopicsDeleted(new Set(topicIds), this.nowMs);
    this.#drain();
  }

  shutdown(): void {
    this.#coordinator.shutdown(this.nowMs);
    this.#drain();
  }

  commit(): void {
    this.#coordinator.onCommitted(0, this.log.length, this.nowMs);
    this.#drain();
  }

  takeResponses(): ShareStateResponse<ShareStateRequestKind>[] {
    return this.#responses.splice(0);
  }

  /** The offset that the log would be pruned to now. */
  redundantOffset(): number | null {
    return new ShareHost({ pruneIntervalMs: 1 }, this.log).#pruneNow();
  }

  #pruneNow(): number | null {
    this.advanceTo(this.nowMs + 1);
    return this.pruned[0] ?? null;
  }

  nextDeadlineMs(): number | null {
    return this.#coordinator.nextDeadlineMs();
  }

  #drain(): void {
    for (let effects = this.#coordinator.takeEffects(); effects.length > 0; effects = this.#coordinator.takeEffects())
      for (const effect of effects) {
        if (effect.type === 'respond') this.#responses.push(effect.response);
        else if (effect.type === 'prune') this.pruned.push(effect.offset);
        else if (effect.type === 'load') {
          if (this.log.length > 0) effect.load.replay(batchOf(this.log), this.log.length);
          effect.load.complete(this.log.length, this.log.length, this.nowMs);
        } else {
          assert.equal(effect.type, 'append');
          assert.equal(effect.baseOffset, this.log.length);
          this.log.push(...effect.records);
          this.#coordinator.onAppended(0, effect.appendId, this.log.length, this.nowMs);
          if (this.commits) this.#coordinator.onCommitted(0, this.log.length, this.nowMs);
        }
      }
  }
}

function batchOf(records: readonly SimpleRecord[]): RecordBatch {
  return new RecordBatch(buildBatch({ records, compression: 'none', partitionLeaderEpoch: 1 }));
}
