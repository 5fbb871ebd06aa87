import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomOf } from './system-random.ts';

for (const device of ['/dev/urandom', '/dev/null', '/dev/none-such']) {
  const { bytes } = randomOf(device);

  test(`bytes are as many as asked for, and never the same twice (${device})`, () => {
    for (const length of [0, 1, 16, 1000]) assert.equal(bytes(length).length, length);
    const seen = new Set(Array.from({ length: 100 }, () => bytes(16).toString()));
    assert.equal(seen.size, 100);
  });

  test(`bytes take all values (${device})`, () => {
    assert.equal(new Set(bytes(65_536)).size, 256);
  });
}
