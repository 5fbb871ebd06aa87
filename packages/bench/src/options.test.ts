import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from './options.ts';

const at = new Date('2026-01-02T03:04:05.678Z');

test('the full run has every system, the quick one two', () => {
  const full = parseOptions([], at);
  assert.deepEqual(full.systems, ['skarab', 'jvm', 'jvm-256m', 'null']);
  assert.deepEqual([full.isQuick, full.effort.freshServers, full.scenarios], [false, true, undefined]);
  assert.match(full.jsonFile, /bench-results[/\\]2026-01-02T03-04-05-678Z\.json$/);
  const quick = parseOptions(['--quick'], at);
  assert.deepEqual([quick.systems, quick.effort.freshServers], [['skarab', 'jvm'], false]);
});

test('options win over both', () => {
  const options = parseOptions(
    ['--quick', '--systems', 'null,jvm', '--scenario', 'a,b*', '--rounds', '5', '--seconds', '0.2', '--json', 'x.json'],
    at,
  );
  assert.deepEqual([options.systems, options.scenarios, options.jsonFile], [['null', 'jvm'], ['a', 'b*'], 'x.json']);
  assert.deepEqual([options.effort.rounds, options.effort.seconds, options.effort.warmupSeconds], [5, 0.2, 0.2]);
});

test('mistakes are told in a sentence', () => {
  assert.throws(() => parseOptions(['--systems', 'kafka'], at), /no system 'kafka'; there are skarab, jvm/);
  assert.throws(() => parseOptions(['--rounds', '0'], at), /--rounds must be a number above 0, not '0'/);
  assert.throws(() => parseOptions(['--rounds', '1.5'], at), /--rounds must be a whole number/);
  assert.throws(() => parseOptions(['--seconds', 'x'], at), /--seconds must be a number above 0, not 'x'/);
  assert.throws(() => parseOptions(['--speed'], at), /Unknown option '--speed'/);
});
