import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions, usage } from './options.ts';
import { scenarios } from './scenarios/index.ts';

test('every scenario once, unless told otherwise', () => {
  const usual = parseOptions([]);
  assert.deepEqual(
    [usual.scenarios, usual.firstSeed, usual.seeds, usual.seconds, usual.saysRuns, usual.saysNodes],
    [scenarios, 1, 1, Number.POSITIVE_INFINITY, true, false],
  );
  const chosen = parseOptions(['--scenario', 'steady', '--seed', '7', '--seeds', '9', '--seconds', '60', '--quiet']);
  assert.deepEqual(
    [chosen.scenarios.map(({ name }) => name), chosen.firstSeed, chosen.seeds, chosen.seconds, chosen.saysRuns],
    [['steady'], 7, 9, 60, false],
  );
});

test('mistakes are told in a sentence', () => {
  assert.throws(() => parseOptions(['--scenario', 'sunshine']), /there is no scenario sunshine, only steady, /);
  assert.throws(() => parseOptions(['--seeds', 'many']), /--seeds must be a whole number from 1 on, not 'many'/);
  assert.throws(() => parseOptions(['--seed', '1.5']), /--seed must be a whole number from 0 on, not '1.5'/);
  assert.throws(() => parseOptions(['--seed', '1', '--speed']), /Unknown option '--speed'/);
});

test('the help names every scenario', () => {
  for (const { name } of scenarios) assert.match(usage, new RegExp(`^ +${name}$`, 'm'));
});
