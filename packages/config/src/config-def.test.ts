import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '@skarab/base';
import { brokerConfigDef, ConfigDef, parseConfigValue, topicConfigDef } from './config-def.ts';
import type { ConfigKey } from './config-key.ts';

const key = (fields: Partial<ConfigKey>): ConfigKey => ({
  name: 'k',
  type: 'INT',
  default: '1',
  required: false,
  validator: null,
  importance: 'LOW',
  internal: false,
  sensitive: false,
  updateMode: 'read-only',
  synonyms: [],
  ...fields,
});

const topic = (name: string, text: string): unknown => {
  const found = topicConfigDef.get(name);
  assert.ok(found !== undefined);
  return parseConfigValue(found, text);
};

test('a value becomes what its type says', () => {
  assert.equal(topic('retention.ms', ' 5 '), 5n);
  assert.equal(topic('preallocate', 'TRUE'), true);
  assert.deepEqual(topic('cleanup.policy', 'delete , compact,delete'), ['delete', 'compact']);
  assert.equal(topic('min.cleanable.dirty.ratio', '.25'), 0.25);
});

test("a refused value carries option, value and Kafka's text", () => {
  const refusal = (name: string, text: string): unknown[] => {
    try {
      topic(name, text);
    } catch (error) {
      assert.ok(error instanceof ConfigError);
      return [error.code, error.option, error.value, error.message];
    }
    throw new Error('accepted');
  };
  assert.deepEqual(refusal('retention.ms', 'abc'), [
    'CONFIG',
    'retention.ms',
    'abc',
    'Invalid value abc for configuration retention.ms: Not a number of type LONG',
  ]);
  assert.deepEqual(refusal('segment.bytes', '14'), [
    'CONFIG',
    'segment.bytes',
    '14',
    'Invalid value 14 for configuration segment.bytes: Value must be at least 1048576',
  ]);
});

test('all values are parsed, checked in order, or taken from defaults', () => {
  const def = new ConfigDef([
    key({ name: 'a', required: true, default: null }),
    key({ name: 'b', validator: { kind: 'range', min: '0', max: null, text: '' } }),
    key({ name: 'c', type: 'STRING', default: null }),
  ]);
  assert.deepEqual(
    def.parse(
      new Map([
        ['a', ' 7 '],
        ['other', 'x'],
      ]),
    ),
    new Map<string, unknown>([
      ['a', 7],
      ['b', 1],
      ['c', null],
    ]),
  );
  assert.throws(() => def.parse(new Map()), {
    message: 'Missing required configuration "a" which has no default value.',
  });
  assert.throws(
    () =>
      def.parse(
        new Map<string, string | number>([
          ['a', 'x'],
          ['b', -1],
        ]),
      ),
    { option: 'a' },
  );
  assert.throws(
    () =>
      def.parse(
        new Map<string, string | number>([
          ['a', 1],
          ['b', -1],
        ]),
      ),
    {
      message: 'Invalid value -1 for configuration b: Value must be at least 0',
    },
  );
});

test('a password is not printed, a class must be known', () => {
  const secret = key({ name: 'p', type: 'PASSWORD', default: null, validator: { kind: 'in', values: [], text: '' } });
  assert.throws(() => parseConfigValue(secret, 'hush'), {
    message: 'Invalid value [hidden] for configuration p: String must be one of: ',
  });
  const builder = brokerConfigDef.get('principal.builder.class');
  assert.ok(builder !== undefined);
  assert.throws(() => parseConfigValue(builder, 'com.example.Builder'), {
    message:
      'Invalid value com.example.Builder for configuration principal.builder.class: Class com.example.Builder could not be found.',
  });
});
