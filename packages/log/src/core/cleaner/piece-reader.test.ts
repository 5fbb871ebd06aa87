import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { CorruptDataError } from '@skarab/base';
import { buildBatch } from '@skarab/records';
import { MemoryStorage } from '../../testing/memory-storage.ts';
import { runStepsNow } from '../steps.ts';
import { PieceReader } from './piece-reader.ts';

function fileOf(...parts: Uint8Array[]) {
  const storage = new MemoryStorage();
  const file = storage.file('/a');
  file.write(parts, 0);
  return file;
}

const batch = (valueSize: number): Uint8Array =>
  buildBatch({ records: [{ timestamp: 1, key: null, value: Buffer.alloc(valueSize) }] });

test('pieces are whole batches; the buffer grows for a large one', () => {
  const batches = [batch(10), batch(20), batch(5000), batch(10)];
  const file = fileOf(...batches);
  const pieces: [number, number][] = [];
  const reader = new PieceReader(256);
  runStepsNow(
    reader.read(file, 0, file.size(), (piece, position) => {
      assert.deepEqual(Buffer.from(piece), Buffer.concat(batches).subarray(position, position + piece.length));
      pieces.push([position, piece.length]);
      return true;
    }),
  );
  const [a, b, c, d] = batches.map(({ length }) => length) as [number, number, number, number];
  assert.deepEqual(pieces, [
    [0, a + b],
    [a + b, c],
    [a + b + c, d],
  ]);
  const first: number[] = [];
  runStepsNow(reader.read(file, a, a + b, (_piece, position) => first.push(position) > 5));
  assert.deepEqual(first, [a]);
});

test('bytes that are no whole batch are damage', () => {
  const whole = batch(10);
  for (const file of [
    fileOf(whole, whole.subarray(0, 5)),
    fileOf(whole, whole.subarray(0, 60)),
    fileOf(whole, Buffer.alloc(100)),
    fileOf(whole, whole.with(8, 0x7f)),
    fileOf(whole, whole.with(16, 9)),
  ]) {
    const steps = new PieceReader(256).read(file, 0, file.size(), () => true);
    assert.throws(() => runStepsNow(steps), CorruptDataError);
  }
});
