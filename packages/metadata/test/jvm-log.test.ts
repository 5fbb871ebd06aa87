/**
 * The metadata log of a JVM node, replayed here: its image must be the one that the JVM wrote into its own snapshot of the same offset.
 *
 * testdata/jvm-4.3.1 comes from a combined node that created, altered and deleted topics, set configurations, quotas and credentials,
 * gave out producer ids, stopped and started again. Written by Kafka 4.3.1's kafka-storage and kafka-server-start.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { finishNow } from '@skarab/base';
import { MemoryStorage } from '@skarab/log';
import { committedBatch, raftLogDirectory } from '@skarab/raft';
import { iterateBatches } from '@skarab/records';
import { imageRecords, type MetadataImage } from '../src/core/image/metadata-image.ts';
import type { MetadataRecord } from '../src/core/record/metadata-record.ts';
import { decodeMetadataRecord, encodeMetadataRecord } from '../src/core/record/serde.ts';
import { MetadataStateMachine } from '../src/core/state-machine.ts';
import { readBootstrap } from '../src/host/bootstrap-file.ts';
import { startNode } from './test-node.ts';

const folder = join(import.meta.dirname, 'testdata', 'jvm-4.3.1');
const SNAPSHOT = '00000000000000000101-0000000002.checkpoint';
const LOG = '00000000000000000000.log';

const read = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, name)));

function valuesOf(bytes: Uint8Array): Uint8Array[] {
  return [...iterateBatches(bytes)].flatMap((batch) => [...committedBatch(batch).values]);
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The metadata after the records before `endOffset`. */
function replayLog(endOffset: number): MetadataStateMachine {
  const machine = new MetadataStateMachine();
  for (const batch of iterateBatches(read(LOG))) {
    if (batch.baseOffset >= endOffset) break;
    const { values, ...rest } = committedBatch(batch);
    machine.apply({ ...rest, records: values.map(decodeMetadataRecord) });
  }
  return machine;
}

test('every record of the JVM is written back to the byte', () => {
  for (const value of [
    ...valuesOf(read(LOG)),
    ...valuesOf(read(SNAPSHOT)),
    ...valuesOf(read('bootstrap.checkpoint')),
  ]) {
    assert.equal(hex(encodeMetadataRecord(decodeMetadataRecord(value))), hex(value));
  }
});

test('the replayed log makes the image of the JVM', () => {
  assert.deepEqual(recordsOf(replayLog(101).tip), canonical(valuesOf(read(SNAPSHOT)).map(decodeMetadataRecord)));
});

test('the snapshot and the log behind it make the same image as the whole log', () => {
  const machine = new MetadataStateMachine();
  const provenance = { ...replayLog(101).tip.provenance };
  finishNow(machine.loadSnapshot(valuesOf(read(SNAPSHOT)).map(decodeMetadataRecord), provenance));
  assert.deepEqual(recordsOf(machine.tip), recordsOf(replayLog(101).tip));
});

test('the deltas of the log, one by one, lead to the same image as all at once', () => {
  const machine = replayLog(Number.MAX_SAFE_INTEGER);
  const { tip } = machine;
  const updates = machine.commitTo(tip.provenance.lastContainedOffset);
  for (const { delta, image } of updates) {
    if (image.features.metadataVersion === null) continue;
    assert.deepEqual(recordsOf(delta.apply(image.provenance)), recordsOf(image));
  }
  assert.equal(updates.at(-1)?.image, tip);
});

test('a node takes over the directory of a JVM node', async () => {
  const storage = new MemoryStorage();
  const directory = raftLogDirectory('/data');
  storage.makeDirectory(directory);
  for (const name of [LOG, SNAPSHOT]) storage.replaceFile(`${directory}/${name}`, read(name));
  storage.replaceFile('/data/bootstrap.checkpoint', read('bootstrap.checkpoint'));
  assert.equal(readBootstrap(storage, '/data').metadataVersion, 30);
  const whole = replayLog(Number.MAX_SAFE_INTEGER).tip;
  const { node } = await startNode({
    storage,
    clusterId: 'MkU3OEVBNTcwNTJENDM2Qg',
    directoryId: directoryIdOf(SNAPSHOT),
  });
  assert.deepEqual(recordsOf(node.image), recordsOf(whole));
  assert.deepEqual(node.leader, { leaderId: 1, epoch: whole.provenance.lastContainedEpoch + 1 });
  assert.deepEqual([...node.image.topics.byName.keys()].sort(), ['plain', 'with.configs']);
  await node.close();
});

const recordsOf = (image: MetadataImage): string[] => canonical(imageRecords(image));

/** Records as text, in an order of their own: that of the JVM is that of its hash tables. */
function canonical(records: Iterable<MetadataRecord>): string[] {
  const sortNamed = (_key: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return `${value}n`;
    if (value instanceof Uint8Array) return hex(value);
    if (!Array.isArray(value)) return value;
    return value.some((item) => item?.name !== undefined)
      ? [...value].sort((a, b) => (a.name < b.name ? -1 : 1))
      : value;
  };
  return [...records].map((record) => JSON.stringify(record, sortNamed)).sort();
}

/** The directory of the only voter, from the snapshot's third record. */
function directoryIdOf(name: string): string {
  const [first] = iterateBatches(read(name));
  const voters = [...(first?.records() ?? [])][2]?.value ?? new Uint8Array(0);
  // version, array length, voter id, directory id
  return Buffer.from(voters.buffer, voters.byteOffset + 7, 16).toString('base64url');
}
