import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseGroupEvent } from './group-events.ts';
import { GroupHistory } from './group-history.ts';

const START_MS = 1_700_000_000_000;

/** Lines of events of the group `g` at so many milliseconds: `10 assigned a 0 1`. */
function historyOf(lines: readonly string[]): GroupHistory {
  const events = lines.map((line) => {
    const [ms, what, member, ...words] = line.split(' ');
    return parseGroupEvent([what, 'g', member, START_MS + Number(ms), ...words].join(' '))!;
  });
  return new GroupHistory('g', events);
}

function violationsOf(lines: readonly string[]): string[] {
  return historyOf(lines).violations.map((text) => text.replaceAll(String(START_MS).slice(0, -3), ''));
}

const good = [
  '100 assigned a 0 1',
  '100 generation a 1',
  '110 delivered a 0 0 10',
  '110 delivered a 1 0 5',
  '115 committed a 0 10',
  '120 revoked a 0',
  '121 assigned b 0',
  '121 generation b 2',
  '122 generation a 2',
  '130 delivered b 0 10 12',
  '131 found - 0:10',
  '140 committed b 0 12',
  '141 committed a 1 5',
  '142 found - 0:12 1:5',
];

test('what is as it should be, in whatever order it is told', () => {
  const history = historyOf([...good].reverse());
  assert.deepEqual(history.violations, []);
  assert.equal(history.delivered, 17);
  assert.equal(history.highestGeneration, 2);
  assert.equal(history.changedMs, START_MS + 122);
  assert.equal(history.longestGapMs, 1);
  assert.ok(history.isStable(['a', 'b'], 2));
  assert.ok(!history.isStable(['a', 'b', 'c'], 2), 'who is not in the group');
  assert.ok(!history.isStable(['a', 'b'], 3), 'a partition that nobody owns');
  const ends = (a: number, b: number) => new Map([a, b].entries());
  assert.ok(history.isDone(ends(12, 5)));
  assert.ok(!history.isDone(ends(13, 5)));
});

test('who is killed owns nothing from then on', () => {
  const history = historyOf([...good, '200 killed a', '300 assigned b 1', '310 delivered b 1 3 8', '900 left c']);
  assert.deepEqual(history.violations, []);
  assert.equal(history.longestGapMs, 100);
  assert.equal(history.delivered, 22);
});

test('who was told late that it is no member owned until it last did something', () => {
  const lost = ['300 assigned b 1', '400 lost a 1'];
  assert.deepEqual(violationsOf([...good, ...lost]), []);
  assert.deepEqual(violationsOf([...good, '350 delivered a 1 5 6', ...lost]), [
    '300: b is given 1, and a owns it until 350',
  ]);
});

test('who has just awoken hands out what it had fetched, and may commit nothing', () => {
  const fenced = [...good, '200 assigned b 1', '250 awoke a', '251 delivered a 1 5 7'];
  const history = historyOf([...fenced, '252 lost a 1']);
  assert.deepEqual(history.violations, []);
  assert.equal(history.deliveredLate, 2);
  const committed = violationsOf([...fenced, '252 committed a 1 7', '253 lost a 1']);
  assert.deepEqual(committed, ['200: b is given 1, and a owns it until 252']);
});

test('who has just awoken may be told of what it would have had', () => {
  const lines = [...good, '200 revoked a 1', '210 assigned b 1', '250 awoke a', '251 assigned a 1'];
  assert.deepEqual(historyOf([...lines, '252 revoked a 1', '253 generation a 4']).violations, []);
  assert.deepEqual(historyOf([...lines, '252 generation a 4', '255 revoked a 1']).violations, []);
  const used = [...lines, '252 generation a 4', '253 delivered a 1 5 6', '255 revoked a 1'];
  assert.deepEqual(violationsOf(used), ['253: a is given 1, and b owns it until Infinity']);
  assert.deepEqual(historyOf([...lines, '252 lost a 0', '253 generation a 4', '254 left a']).violations, []);
});

test('who is fenced owned until its instance id was given to another', () => {
  const lines = [...good, '200 doomed a', '210 assigned c 1', '211 delivered a 1 5 7', '212 delivered c 1 5 6'];
  const history = historyOf([...lines, '220 fenced a FencedInstanceIdException']);
  assert.deepEqual(history.violations, []);
  assert.equal(history.deliveredLate, 2);
  assert.deepEqual([...history.generations.keys()], ['b']);
  assert.ok(!historyOf(lines).isStable(['b', 'c'], 2), 'it owns something still');
});

const bad: Readonly<Record<string, readonly [lines: readonly string[], violation: string]>> = {
  'two owners': [['200 assigned b 1'], '200: b is given 1, and a owns it until Infinity'],
  'a record to who does not own': [['200 delivered b 1 5 6'], '200: b has records from 5 of 1, which it does not own'],
  'a commit of who does not own': [['200 committed b 1 5'], '200: b has committed 5 of 1, which it does not own'],
  'a record that is left out': [['200 delivered a 1 6 7'], '200: a has 1-6, and nobody has had 5'],
  'offsets that go back': [['200 found - 0:11 1:5'], '200: 12 of 0 is committed, 11 is found'],
  'offsets that are gone': [['200 found - 0:12'], '200: 5 of 1 is committed, undefined is found'],
  'an acknowledged commit that is not found': [
    ['200 committed b 0 13', '201 found - 0:12 1:5'],
    '201: 13 of 0 is committed, 12 is found',
  ],
  'what is given twice': [['200 assigned a 1'], '200: a is given 1, which it has'],
  'what is given up by another': [['200 revoked b 1'], '200: b gives up 1, which it does not have'],
  'who leaves with something': [['200 left a'], '200: a has left, and has not given up 1'],
  'who is fenced, and nobody came': [
    ['200 fenced a FencedInstanceIdException'],
    '200: a is fenced FencedInstanceIdException',
  ],
  'what failed': [['200 failed a boom'], '200: a failed boom'],
};

for (const [name, [lines, violation]] of Object.entries(bad))
  test(`found out: ${name}`, () => assert.equal(violationsOf([...good, ...lines])[0], violation));
