import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CorruptDataError, finishNow } from '@skarab/base';
import {
  newAbortTransactionRecord,
  newBeginTransactionRecord,
  newEndTransactionRecord,
  newNoOpRecord,
  newTopicRecord,
} from '@skarab/protocol';
import { featureLevelRecord } from './image/features-image.ts';
import type { MetadataRecord } from './record/metadata-record.ts';
import { type MetadataBatch, MetadataStateMachine } from './state-machine.ts';

const begin: MetadataRecord = { type: 'BeginTransactionRecord', version: 0, data: newBeginTransactionRecord() };
const end: MetadataRecord = { type: 'EndTransactionRecord', version: 0, data: newEndTransactionRecord() };
const abort: MetadataRecord = { type: 'AbortTransactionRecord', version: 0, data: newAbortTransactionRecord() };
const noOp: MetadataRecord = { type: 'NoOpRecord', version: 0, data: newNoOpRecord() };

function topic(name: string): MetadataRecord {
  return { type: 'TopicRecord', version: 0, data: newTopicRecord({ name, topicId: name.padEnd(22, 'A') }) };
}

function batch(baseOffset: number, ...records: MetadataRecord[]): MetadataBatch {
  const lastOffset = baseOffset + Math.max(records.length, 1) - 1;
  return { baseOffset, lastOffset, epoch: 1, appendTimestampMs: baseOffset * 10, sizeInBytes: 100, records };
}

const topicsOf = (machine: MetadataStateMachine): string[][] =>
  [machine.stable, machine.tip].map((image) => [...image.topics.byName.keys()].sort());

test('the tip runs ahead; what is committed is handed out once, step by step', () => {
  const machine = new MetadataStateMachine();
  machine.apply(batch(0, topic('a')));
  machine.apply(batch(1, topic('b'), topic('c')));
  machine.apply(batch(3, noOp));
  assert.deepEqual(topicsOf(machine), [[], ['a', 'b', 'c']]);
  const [first, ...others] = machine.commitTo(2);
  assert.deepEqual(others.length, 1);
  assert.deepEqual([...first!.image.topics.byName.keys()], ['a']);
  assert.equal(others[0]!.delta.image, first!.image);
  assert.deepEqual(first!.image.provenance, {
    lastContainedOffset: 0,
    lastContainedEpoch: 1,
    lastContainedLogTimeMs: 0,
    isOffsetBatchAligned: true,
  });
  assert.deepEqual(topicsOf(machine), [
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ]);
  assert.deepEqual(machine.commitTo(2), []);
  const [idle] = machine.commitTo(3);
  assert.deepEqual([idle?.delta.topics, idle?.sizeInBytes], [null, 100]);
});

test('what is not committed can be taken back', () => {
  const machine = new MetadataStateMachine();
  machine.apply(batch(0, topic('a')));
  machine.commitTo(0);
  machine.apply(batch(1, topic('b')));
  machine.apply(batch(2, begin, topic('c')));
  machine.revert();
  assert.deepEqual(topicsOf(machine), [['a'], ['a']]);
  assert.equal(machine.transactionStartOffset, -1);
  machine.apply(batch(1, topic('d')));
  assert.deepEqual(topicsOf(machine), [['a'], ['a', 'd']]);
});

test('a transaction is one step, from its begin to its end', () => {
  const machine = new MetadataStateMachine();
  machine.apply(batch(0, topic('a'), begin, topic('b')));
  assert.equal(machine.transactionStartOffset, 1);
  machine.apply(batch(3, topic('c')));
  assert.deepEqual(machine.commitTo(3).length, 1);
  assert.deepEqual(topicsOf(machine), [['a'], ['a', 'b', 'c']]);
  assert.equal(machine.stable.provenance.isOffsetBatchAligned, false, 'no snapshot may be cut within the batch');
  machine.apply(batch(4, topic('d'), end));
  assert.equal(machine.transactionStartOffset, -1);
  const updates = machine.commitTo(5);
  assert.equal(updates.length, 1);
  assert.deepEqual([...(updates[0]?.delta.topics?.createdTopicIds ?? [])].length, 3);
  assert.deepEqual(topicsOf(machine), [
    ['a', 'b', 'c', 'd'],
    ['a', 'b', 'c', 'd'],
  ]);
});

test('an aborted transaction leaves no trace but its offset', () => {
  const machine = new MetadataStateMachine();
  machine.apply(batch(0, topic('a')));
  machine.apply(batch(1, begin, topic('b')));
  machine.apply(batch(3, topic('c')));
  machine.apply(batch(4, abort, topic('d')));
  machine.commitTo(5);
  assert.deepEqual(topicsOf(machine), [
    ['a', 'd'],
    ['a', 'd'],
  ]);
  assert.equal(machine.stable.provenance.lastContainedOffset, 5);
});

test('transactions that do not fit together are refused', () => {
  const open = new MetadataStateMachine();
  open.apply(batch(0, begin));
  assert.throws(() => open.apply(batch(1, begin)), CorruptDataError);
  assert.throws(() => new MetadataStateMachine().apply(batch(0, end)), CorruptDataError);
  assert.throws(() => new MetadataStateMachine().apply(batch(0, abort)), CorruptDataError);
});

test('a snapshot replaces everything', () => {
  const machine = new MetadataStateMachine();
  machine.apply(batch(0, topic('a'), topic('b')));
  machine.commitTo(1);
  machine.apply(batch(2, topic('lost')));
  const provenance = {
    lastContainedOffset: 9,
    lastContainedEpoch: 4,
    lastContainedLogTimeMs: 1,
    isOffsetBatchAligned: true,
  };
  const update = finishNow(
    machine.loadSnapshot([featureLevelRecord('metadata.version', 30), topic('b'), topic('c')], provenance),
  );
  assert.deepEqual(topicsOf(machine), [
    ['b', 'c'],
    ['b', 'c'],
  ]);
  assert.equal(update.kind, 'snapshot');
  assert.deepEqual([...(update.delta.topics?.deletedTopicIds ?? [])], ['a'.padEnd(22, 'A')]);
  assert.deepEqual(machine.tip.provenance, provenance);
});
