/**
 * `.properties` files: both read the same, and what either writes the other reads.
 */
import { test } from 'node:test';
import { formatProperties, parseProperties } from '@skarab/config';
import { compareWithJvm } from './compare.ts';
import type { OracleCase, OracleOutcome } from './oracle.ts';

type Reading = Extract<OracleCase, { op: 'properties' }>;

const texts = [
  '',
  '\n\n',
  'a=b',
  'a = b ',
  '  a\t:  b c ',
  'a b=c',
  'a   b',
  'a==b',
  'a=:b',
  'a:=b',
  'a : = b',
  'a',
  'a=',
  '=b',
  ':',
  '# c\n!d\na=1 # no comment',
  'a=1\r\nb=2\rc=3\n',
  'a=1\na=2',
  'a=b\\\n   c\\\n\td',
  'a=b\\\\\nc=d',
  'a=b\\\r\nc',
  'a=b\\\n#c',
  'a=b\\\n\nc=d',
  '# comment\\\na=1',
  'a=b\\',
  '\\\na=1',
  'a\\ b\\=c\\:d=e\\=f',
  'a=\\t\\n\\r\\f\\\\\\q\\"',
  '\\u0061=\\u00e9\\u20AC',
  'ключ=значение',
  'a=\\u12',
  'a=\\u12g4',
  'path=C:\\\\x\\\\y',
  'a= \\ b',
  '\f a=b',
  'listeners=PLAINTEXT://:9092,CONTROLLER://:9093\nlog.dirs=/tmp/x',
];

const cases = texts.map((text): Reading => ({ op: 'properties', text }));

function sortedRecord(properties: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...properties].sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('files read as in Java', (t) =>
  compareWithJvm(
    t,
    cases,
    ({ text }) => sortedRecord(parseProperties(text)),
    (outcome) => ('ok' in outcome ? { ok: (outcome.ok as { read: unknown }).read } : { error: outcome.error }),
  ));

test('what Java writes we read, and what we write Java reads', async (t) => {
  const readable = cases.filter(({ text }) => !text.includes('\\u12'));
  const reduce = (outcome: OracleOutcome): unknown => {
    if (!('ok' in outcome)) return outcome;
    const { read, written } = outcome.ok as { read: Record<string, string>; written: string };
    return { ok: { read, rereadHere: sortedRecord(parseProperties(written)) } };
  };
  const rewritten = readable.map(
    ({ text }): Reading => ({ op: 'properties', text: formatProperties(parseProperties(text)) }),
  );
  await compareWithJvm(
    t,
    rewritten,
    ({ text }) => ({ read: sortedRecord(parseProperties(text)), rereadHere: sortedRecord(parseProperties(text)) }),
    reduce,
  );
});
