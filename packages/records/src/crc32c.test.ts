import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { crc32c, crc32cByTable } from './crc32c.ts';

test('CRC-32C of the examples of RFC 3720', () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
  const examples: [Uint8Array, number][] = [
    [new Uint8Array(0), 0],
    [Buffer.from('123456789'), 0xe3069283],
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [ascending, 0x46dd794e],
    [Uint8Array.from(ascending).reverse(), 0x113fdb5c],
  ];
  for (const [bytes, expected] of examples) {
    assert.equal(crc32cByTable(bytes), expected);
    assert.equal(crc32c(bytes), expected);
  }
});

test('both ways agree on every length, start and seed', () => {
  const bytes = seededRandom(1).bytes(2000);
  for (let end = 0; end <= bytes.length; end += 7) {
    const start = end % 13;
    const whole = crc32cByTable(bytes, Math.min(start, end), end);
    assert.equal(crc32c(bytes, Math.min(start, end), end), whole);
    const middle = Math.max(start, end >> 1);
    if (middle <= end) assert.equal(crc32c(bytes, middle, end, crc32c(bytes, start, middle)), whole);
  }
});
