import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StateError, silentLogger, systemClock } from '@skarab/base';
import { newNoOpRecord } from '@skarab/protocol';
import type { MetadataBatch } from '../core/state-machine.ts';
import { RecordWriter, type RecordWriterParts } from './record-writer.ts';

const records = (count: number) =>
  Array.from({ length: count }, () => ({ type: 'NoOpRecord' as const, version: 0, data: newNoOpRecord() }));

/** A writer whose log takes so many batches, and what it has replayed. */
function writerOf(maxBatches: number): { writer: RecordWriter; sizes: number[] } {
  const sizes: number[] = [];
  let endOffset = 0;
  const raft = {
    append: (_epoch: number, values: readonly Uint8Array[], prepare: (batch: object) => void) => {
      if (sizes.length === maxBatches) throw new StateError('leads no more');
      const batch = {
        baseOffset: endOffset,
        lastOffset: endOffset + values.length - 1,
        timestampMs: 0,
        sizeInBytes: 1,
      };
      prepare(batch);
      endOffset += values.length;
      return batch;
    },
    resign: () => {},
  };
  const state = { apply: (batch: MetadataBatch) => void sizes.push(batch.records.length) };
  const parts = { state, raft, clock: systemClock, logger: silentLogger } as unknown as RecordWriterParts;
  return { writer: new RecordWriter(parts), sizes };
}

test('few records are written at once, thousands in turns, during which nothing else is to be decided', async () => {
  const { writer, sizes } = writerOf(10);
  assert.equal(writer.appendAll(1, records(500)), 499);
  assert.equal(writer.busy, null);
  const appended = writer.appendAll(1, records(1200));
  assert.notEqual(writer.busy, null);
  assert.equal(await appended, 1699);
  await writer.busy;
  assert.equal(writer.busy, null);
  assert.deepEqual(sizes, [500, 500, 500, 200]);
});

test('what must be one batch is one, however long it takes to encode', async () => {
  const { writer, sizes } = writerOf(10);
  assert.equal(await writer.appendAtomically(1, records(1200)), 1199);
  assert.deepEqual(sizes, [1200]);
});

test('a leadership that is lost on the way ends the writing, and holds nobody back', async () => {
  const { writer, sizes } = writerOf(2);
  await assert.rejects(async () => writer.appendAll(1, records(1200)), /leads no more/);
  await writer.busy;
  assert.equal(writer.busy, null);
  assert.deepEqual(sizes, [500, 500]);
});
