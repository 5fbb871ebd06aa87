/**
 * Every configuration of every kind with good and bad texts: the JVM and we accept the same, print the same, refuse with the same words.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  brokerConfigDef,
  brokerQuotaConfigDef,
  type ConfigDef,
  type ConfigType,
  clientMetricsConfigDef,
  formatValue,
  groupConfigDef,
  parseConfigValue,
  topicConfigDef,
} from '@skarab/config';
import { compareWithJvm } from './compare.ts';
import type { OracleCase } from './oracle.ts';

const defs: Readonly<Record<string, ConfigDef>> = {
  topic: topicConfigDef,
  broker: brokerConfigDef,
  'broker-quota': brokerQuotaConfigDef,
  group: groupConfigDef,
  'client-metrics': clientMetricsConfigDef,
};

const integers = '5,+5,-1,-2,-3,0,1,3, 7 ,,abc,1.5,1e3,0x10,1_000,999,1000,1048575,1048576,32767,32768'
  .split(',')
  .concat('2147483647', '2147483648', '-131073', '9223372036854775807', '9223372036854775808', '--1', '\u001f4');

const texts: Readonly<Record<ConfigType, readonly string[]>> = {
  BOOLEAN: ['true', 'TRUE', ' false ', 'yes', '', '1'],
  SHORT: integers,
  INT: integers,
  LONG: integers,
  DOUBLE: '0.5,1,1.5,-0.1,NaN,1e-5,1e10,.5,5.,abc,,0.5f,1D,1234567,12345678,0.001,0.00099,1.7e308,-0,Infinity,1e'.split(
    ',',
  ),
  STRING: [
    ...[
      '',
      'x',
      ' x ',
      'gzip',
      'GZIP',
      'none',
      'zstd',
      'plaintext',
      'SASL_SSL',
      'CreateTime',
      'LogAppendTime',
      'Upgrade',
    ],
    ...[
      'rs256',
      'earliest',
      'none',
      'by_duration',
      'by_duration:',
      'by_duration:P1D',
      'by_duration:-PT1S',
      'by_duration:PT',
    ],
    ...[
      'by_duration:pt1.5s',
      'by_duration:P1DT2H3M4.005S',
      'by_duration:P1Y',
      'read_committed',
      'READ_COMMITTED',
      'required',
    ],
  ],
  LIST: [
    ...[
      '',
      ' ',
      'a',
      'a, b ,c',
      'a,a,b',
      'a,,b',
      ',',
      'compact,delete',
      'delete , compact',
      'Compact',
      'broker',
      'controller,broker',
    ],
    ...['1:2,3:4', '*', '1:2,*', '1:x', '1:2,', 'classic,consumer', 'classic,classic', 'PLAINTEXT://:9092'],
    ...[
      '1@h:1',
      '1@h',
      '@h:1',
      'x@h:1',
      '1@h:1,1@h:2',
      '1@[::1]:9',
      '1@h h:1',
      'h:1',
      'h',
      'h:x',
      'SSL://h:1',
      '[::1]:2',
      'h:70000',
    ],
    ...['1@h:99999', '1@', '1@h:1@'],
  ],
  CLASS: [
    '',
    'nope.Nope',
    ' nope.Nope ',
    'org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder',
  ],
  PASSWORD: ['secret', ' secret ', ''],
};

const cases: Extract<OracleCase, { op: 'value' }>[] = Object.entries(defs).flatMap(([of, def]) =>
  def.keys.flatMap(({ name, type }) => texts[type].map((text) => ({ op: 'value' as const, of, name, text }))),
);

function ours({ of, name, text }: (typeof cases)[number]): unknown {
  const key = defs[of]?.get(name);
  assert.ok(key !== undefined);
  return formatValue(parseConfigValue(key, text), key.type);
}

test('values are parsed, printed and refused as the JVM does', (t) => compareWithJvm(t, cases, ours));
