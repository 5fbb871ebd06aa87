import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { hashKey } from './key-hash.ts';

function hashBytes(key: Uint8Array, seed: number): Buffer {
  const words = new Uint32Array(4);
  hashKey(key, seed, words);
  const bytes = Buffer.alloc(16);
  words.forEach((word, i) => {
    bytes.writeUInt32LE(word, 4 * i);
  });
  return bytes;
}

test('the hash is MurmurHash3_x86_128: its suite has this check value', () => {
  const keys = Array.from({ length: 256 }, (_, i) => Uint8Array.from({ length: i }, (_, j) => j));
  const hashes = Buffer.concat(keys.map((key, i) => hashBytes(key, 256 - i)));
  assert.equal(hashBytes(hashes, 0).readUInt32LE(0), 0xb3ece62a);
});

test('the seed changes the hash, also of the empty key', () => {
  const key = Buffer.from('some key');
  assert.notDeepEqual(hashBytes(key, 1), hashBytes(key, 2));
  assert.notDeepEqual(hashBytes(Buffer.alloc(0), 1), hashBytes(Buffer.alloc(0), 2));
});
