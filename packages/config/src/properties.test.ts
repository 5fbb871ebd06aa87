import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProperties, parseProperties } from './properties.ts';

test('a file of properties', () => {
  const text = [
    '# a comment',
    'listeners=PLAINTEXT://:9092,CONTROLLER://:9093',
    'log.dirs = /a, \\',
    '           /b',
    'key\\ with\\=signs: \\u00e9\\t',
    'bare',
    'twice=1',
    'twice 2',
  ].join('\r\n');
  assert.deepEqual(
    parseProperties(text),
    new Map([
      ['listeners', 'PLAINTEXT://:9092,CONTROLLER://:9093'],
      ['log.dirs', '/a, /b'],
      ['key with=signs', 'é\t'],
      ['bare', ''],
      ['twice', '2'],
    ]),
  );
});

test('what is written is read back', () => {
  const properties = new Map([
    ['a b', ' leading'],
    ['c:d=e#f!', 'x\n\t\\y'],
    ['é', '€ 🚀'],
  ]);
  assert.equal(
    formatProperties(properties),
    'a\\ b=\\ leading\nc\\:d\\=e\\#f\\!=x\\n\\t\\\\y\n\\u00e9=\\u20ac \\ud83d\\ude80\n',
  );
  assert.deepEqual(parseProperties(formatProperties(properties)), properties);
});

test('a malformed escape is refused', () => {
  assert.throws(() => parseProperties('a=\\u12'), { message: 'Malformed \\uxxxx encoding.' });
});
