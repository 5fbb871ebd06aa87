import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBeginTransactionRecord, newNoOpRecord } from '@skarab/protocol';
import { bootstrapFromLevels } from '../bootstrap/bootstrap-metadata.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import { activationRecords } from './activation.ts';
import { ControllerState } from './controller-state.ts';

const begin: MetadataRecord = { type: 'BeginTransactionRecord', version: 0, data: newBeginTransactionRecord() };
const noOp: MetadataRecord = { type: 'NoOpRecord', version: 0, data: newNoOpRecord() };
const elr = bootstrapFromLevels(30, new Map([['eligible.leader.replicas.version', 1]]), 'a test');
const old = bootstrapFromLevels(12, new Map(), 'a test');

function stateOf(...records: MetadataRecord[]): ControllerState {
  const state = new ControllerState(9000);
  const lastOffset = Math.max(records.length - 1, 0);
  state.apply({ baseOffset: 0, lastOffset, epoch: 1, appendTimestampMs: 0, sizeInBytes: 0, records });
  return state;
}

function typesOf(state: ControllerState, bootstrap = elr): { types: string[]; atomic: boolean } {
  const decision = activationRecords(state, bootstrap, '2');
  assert.ok(decision.ok);
  return { types: decision.records.map(({ type }) => type), atomic: decision.atomic };
}

test('an empty log gets the bootstrap records as a transaction', () => {
  const decision = activationRecords(stateOf(), elr, '2');
  assert.ok(decision.ok);
  assert.deepEqual(
    decision.records.map(({ type, data }) => [type, 'value' in data ? data.value : null]),
    [
      ['BeginTransactionRecord', null],
      ['FeatureLevelRecord', null],
      ['FeatureLevelRecord', null],
      ['ConfigRecord', '2'],
      ['EndTransactionRecord', null],
    ],
  );
});

test('metadata that knows no transactions gets them in one batch', () => {
  assert.deepEqual(typesOf(stateOf(), old), { types: ['FeatureLevelRecord'], atomic: true });
});

test('a transaction that a predecessor left open is aborted', () => {
  assert.deepEqual(typesOf(stateOf(begin, noOp)).types.slice(0, 2), [
    'AbortTransactionRecord',
    'BeginTransactionRecord',
  ]);
  const later = stateOf(...elr.records, begin);
  assert.deepEqual(typesOf(later), { types: ['AbortTransactionRecord'], atomic: true });
  assert.throws(() => activationRecords(stateOf(begin), old, '1'), /does not support transactions/);
});

test('a log in order needs nothing', () => {
  assert.deepEqual(typesOf(stateOf(...elr.records)), { types: [], atomic: true });
});
