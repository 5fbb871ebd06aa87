import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doubleToText, listToText, parseDouble, parseInteger, trimJava } from './java-text.ts';

test('trimming takes control characters and spaces, not other white space', () => {
  assert.equal(trimJava('\u0000\t a b \u001f'), 'a b');
  assert.equal(trimJava('\u00a0a\u2003'), '\u00a0a\u2003');
});

test('integers have a sign, digits and a size', () => {
  assert.deepEqual(
    ['12', '+12', '-12', '', '1.0', '1e3', '32767', '32768'].map((text) => parseInteger(text, 16)),
    [12n, 12n, -12n, undefined, undefined, undefined, 32767n, undefined],
  );
  assert.equal(parseInteger('9223372036854775807', 64), 2n ** 63n - 1n);
  assert.equal(parseInteger('9223372036854775808', 64), undefined);
});

test('doubles are read and printed as by java.lang.Double', () => {
  assert.deepEqual(['.5', '5.', '1e3f', 'NaN', 'Infinity', '0x1', '', '1_0'].map(parseDouble), [
    0.5,
    5,
    1000,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual([0.5, 1, -0, 1e-3, 1e-4, 9999999, 1e7, 1.5e10, Number.NaN].map(doubleToText), [
    '0.5',
    '1.0',
    '-0.0',
    '0.001',
    '1.0E-4',
    '9999999.0',
    '1.0E7',
    '1.5E10',
    'NaN',
  ]);
});

test('lists are printed in brackets', () => {
  assert.equal(listToText(['a', 'b']), '[a, b]');
  assert.equal(listToText([]), '[]');
});
