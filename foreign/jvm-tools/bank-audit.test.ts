import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BankAudit } from './bank-audit.ts';
import { parseBankEvent } from './bank-events.ts';

/** An audit of lines without the bank's name, and of the end of one partition of orders, 0. */
function auditOf(lines: readonly string[]): BankAudit {
  const audit = new BankAudit();
  for (const line of lines) {
    const [what, ...words] = line.split(' ');
    audit.take(parseBankEvent([what, 'b', ...words].join(' '))![1]);
  }
  return audit;
}

/** Two orders in an attempt that is committed, one in an attempt that is aborted, and again in one that is committed. */
const good = [
  'began x-0',
  'sent x-0',
  'entry 0 0 x-0 4 0-0 2 -5',
  'entry 0 1 x-0 4 0-1 4 7',
  'committing x-0',
  'offsets 0:2',
  'entry 1 0 x-0 4 0-0 1 5',
  'entry 1 1 x-0 4 0-1 3 -7',
  'reached',
  'committed x-0',
  'began x-1',
  'aborted x-1',
  'began y-0',
  'committing y-0',
  'entry 1 9 y-0 2 0-2 1 -3',
  'entry 1 10 y-0 2 0-2 3 3',
  'ended 0:3',
  'offsets 0:3',
  'reached',
];

/** What is wrong when one line is another one, or more, or not there. */
function violationsWith(line: string, ...others: readonly string[]): string[] {
  assert.ok(good.includes(line));
  return auditOf(good.flatMap((one) => (one === line ? others : [one]))).judge();
}

test('what is as it must be', () => {
  const audit = auditOf(good);
  assert.deepEqual(audit.judge(), []);
  assert.ok(audit.isDone);
  assert.deepEqual([audit.orders, audit.entries, audit.looks], [3, 6, 2]);
  assert.deepEqual([audit.countOf('committed'), audit.countOf('committing'), audit.countOf('aborted')], [1, 1, 1]);
});

test('it is not done while something is missing', () => {
  for (let length = 0; length < good.length; length++) assert.ok(!auditOf(good.slice(0, length)).isDone);
});

test('who was killed after it asked for a commit may have nothing there', () => {
  const after = ['began z-0', 'committing z-0', 'began z-1'];
  assert.deepEqual(auditOf([...good, ...after]).judge(), []);
});

test('an attempt that is torn, as soon as the other half must have been read', () => {
  const without = good.filter((line) => !line.startsWith('entry 1 1 '));
  const until = without.slice(0, without.indexOf('reached') + 1);
  assert.deepEqual(auditOf(until.slice(0, -1)).violations, []);
  assert.deepEqual(auditOf(until).violations, [
    'x-0 is torn: 3 of 4',
    '2 of 0 is committed, and 0-0 is not carried out',
  ]);
});

test('an order that is carried out twice', () => {
  const again = ['began y-1', 'entry 0 11 y-1 2 0-2 1 -3', 'entry 1 11 y-1 2 0-2 3 3', 'committing y-1'];
  assert.deepEqual(auditOf([...good, ...again]).judge(), ['0-2 is carried out by y-0 and by y-1']);
});

test('an entry that is there twice', () => {
  const line = 'entry 1 9 y-0 2 0-2 1 -3';
  assert.deepEqual(violationsWith(line, line, 'entry 1 9 y-0 2 0-2 1 -3').slice(0, 1), [
    'the entry at 1-9 comes after 9',
  ]);
  assert.deepEqual(violationsWith('entry 1 10 y-0 2 0-2 3 3', 'entry 1 10 y-0 2 0-2 1 -3').slice(0, 2), [
    '0-2 of y-0 is booked as -3 and -3',
    'the sum of all accounts has changed by -6',
  ]);
});

test('an attempt that is seen, and was aborted, or cut off before somebody committed it, or never made', () => {
  assert.deepEqual(violationsWith('committed x-0', 'aborted x-0'), ['x-0 is aborted, and is there']);
  assert.deepEqual(violationsWith('committing y-0'), ['y-0 is there, and nobody has committed it']);
  assert.deepEqual(violationsWith('committing y-0', 'sent y-0'), ['y-0 is there, and nobody has committed it']);
  assert.deepEqual(violationsWith('began x-0').length, 0, 'what it came to is told');
  const unknown = good.filter((line) => !/^[a-z]+ y-0$/.test(line));
  assert.deepEqual(auditOf(unknown).judge(), ['y-0 is there, and nobody has begun it']);
});

test('an attempt that was committed, and is not there', () => {
  assert.deepEqual(violationsWith('aborted x-1', 'committed x-1'), ['x-1 is committed, and nothing of it is there']);
});

test('an order that is lost', () => {
  const lost = good.filter((line) => !line.includes('0-2'));
  assert.deepEqual(auditOf(lost).judge(), [
    '3 of 0 is committed, and 0-2 is not carried out',
    'orders of 0 end at 3, done are 2',
  ]);
});

test('offsets that are ahead of the entries, behind them, or go back', () => {
  const first = 'offsets 0:2';
  assert.deepEqual(violationsWith(first, 'offsets 0:3'), ['3 of 0 is committed, and 0-2 is not carried out']);
  assert.deepEqual(violationsWith(first, 'offsets 0:1'), ['0-1 is carried out, and 1 is committed']);
  assert.deepEqual(violationsWith(first, 'offsets'), [], 'none is stable');
  const back = auditOf([...good, 'offsets 0:2', 'reached']).violations;
  assert.deepEqual(back, ['3 of 0 was committed, 2 is', '0-2 is carried out, and 2 is committed']);
});
