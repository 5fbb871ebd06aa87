import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { emitFile } from './emit-file.ts';
import { constantName, fileName } from './names.ts';
import { assignTypeNames, parseSchema } from './schema.ts';
import { condition, contains, formatVersions, intersect, OPEN, parseVersions } from './versions.ts';

test('version ranges are parsed', () => {
  assert.deepEqual(parseVersions('3'), { low: 3, high: 3 });
  assert.deepEqual(parseVersions('2+'), { low: 2, high: OPEN });
  assert.deepEqual(parseVersions('0-12'), { low: 0, high: 12 });
  assert.equal(parseVersions('none'), null);
  assert.throws(() => parseVersions('2-'), /not a version range/);
});

test('version ranges are intersected, tested and printed', () => {
  assert.deepEqual(intersect({ low: 1, high: 5 }, { low: 3, high: OPEN }), { low: 3, high: 5 });
  assert.equal(intersect({ low: 1, high: 2 }, { low: 3, high: 4 }), null);
  assert.equal(contains({ low: 1, high: 2 }, 3), false);
  assert.equal(formatVersions({ low: 2, high: OPEN }, { low: 0, high: 9 }), '2+');
  assert.equal(formatVersions({ low: 9, high: OPEN }, { low: 0, high: 9 }), '9');
  assert.equal(formatVersions({ low: 2, high: 5 }, { low: 0, high: 9 }), '2-5');
});

test('conditions say no more than is not known', () => {
  const known = { low: 2, high: 9 };
  assert.deepEqual(condition({ low: 0, high: OPEN }, known), { kind: 'always' });
  assert.deepEqual(condition(null, known), { kind: 'never' });
  assert.deepEqual(condition({ low: 0, high: 1 }, known), { kind: 'never' });
  assert.deepEqual(condition({ low: 0, high: 4 }, known), { kind: 'test', expression: 'version <= 4' });
  assert.deepEqual(condition({ low: 3, high: 4 }, known), { kind: 'test', expression: 'version >= 3 && version <= 4' });
  assert.deepEqual(condition({ low: 9, high: OPEN }, known), { kind: 'test', expression: 'version === 9' });
});

test('names are split into words', () => {
  assert.equal(constantName('OffsetForLeaderEpoch'), 'OFFSET_FOR_LEADER_EPOCH');
  assert.equal(fileName('KRaftVersionRecord'), 'kraft-version-record');
  assert.equal(fileName('ApiVersions'), 'api-versions');
});

const SCHEMA = `
// a comment
{ "type": "data", "name": "Sample", "validVersions": "0-3", "flexibleVersions": "2+", // another
  "fields": [
    { "name": "Url", "type": "string", "versions": "0+", "default": "http://x", "about": "not copied" },
    { "name": "Items", "type": "[]Item", "versions": "1+", "nullableVersions": "3+", "fields": [
      { "name": "Id", "type": "int64", "versions": "0+" } ] },
    { "name": "Extra", "type": "int32", "versions": "2+", "taggedVersions": "2+", "tag": 0, "default": "-1", "ignorable": true }
  ] }`;

test('a schema becomes a file', () => {
  const message = parseSchema(SCHEMA, 'Sample.json');
  assignTypeNames([message]);
  const text = emitFile([message], 1);
  assert.ok(!text.includes('not copied'));
  for (const line of [
    ' * Sample: versions 0-3, flexible 2+',
    ' *   url    string',
    ' *   items  [Item]  1+, nullable 3',
    ' *     id   int64   1+',
    ' *   extra  int32   2+, tag 0 in 2+',
    '    url: reader.string(flexible),',
    '    items: version >= 1 ? (version === 3 ? decodeNullableSampleItemArray(reader, version) : decodeSampleItemArray(reader, version)) : [],',
    "  if (!(version >= 1) && (message.items === null || message.items.length !== 0)) throw unwritableField('Sample.items', version);",
    "import type { Reader } from '../../wire/reader.ts';",
  ]) {
    assert.ok(text.split('\n').includes(line), `${line}\nis not in\n${text}`);
  }
});

test('a schema that cannot be understood is refused', () => {
  assert.throws(() => parseSchema('{', 'x.json'), /x.json: not a schema/);
  assert.throws(() => parseSchema(SCHEMA.replace('int64', 'int65'), 'x.json'), /unknown type int65/);
});
