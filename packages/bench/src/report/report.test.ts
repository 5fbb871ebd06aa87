import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderGrid } from './grid.ts';
import { formatValue, metrics } from './metrics.ts';
import { type Report, type Run, reportAsJson } from './report.ts';
import { formatRatio, renderOverview, renderScenario } from './table.ts';

const run = (system: string, warmth: Run['warmth'], round: number, recordsPerSecond: number, p99Ms?: number): Run => ({
  scenario: 'produce',
  system,
  warmth,
  round,
  measurement: { recordsPerSecond, ...(p99Ms === undefined ? {} : { p99Ms }) },
});

const info = { name: 'produce', about: 'Produces.', metrics: ['recordsPerSecond', 'p99Ms'] as const };

const report: Report = {
  startedAt: '2026-01-01T00:00:00.000Z',
  seconds: 12,
  machine: { cpus: 2 },
  settings: { quick: true },
  systems: ['skarab', 'jvm', 'null'],
  scenarios: [info],
  runs: [
    run('skarab', 'warm', 1, 1_500_000, 4),
    run('jvm', 'warm', 1, 1_000_000, 2),
    run('null', 'warm', 1, 3_000_000),
    run('skarab', 'warm', 2, 1_700_000, 4),
    run('jvm', 'warm', 2, 1_000_000, 2),
    { scenario: 'produce', system: 'jvm', warmth: 'warm', round: 3, measurement: {}, error: 'gone' },
    run('skarab', 'cold', 1, 950, 40.26),
  ],
};

test('values have three digits and short thousands', () => {
  assert.deepEqual([0, 0.0123, 0.4, 1.234, 42.25, 512.4, 4200, 10_500, 508_123, 2_100_000].map(formatValue), [
    '0',
    '0.012',
    '0.40',
    '1.23',
    '42.3',
    '512',
    '4200',
    '10.5k',
    '508k',
    '2.10M',
  ]);
});

test('a grid pads by code points', () => {
  assert.deepEqual(
    renderGrid([
      ['a', 'µs'],
      ['long', '1…2', 'more'],
    ]),
    ['| a    |  µs |      |', '| ---- | --: | ---: |', '| long | 1…2 | more |'],
  );
});

test('a ratio says for whom it is good', () => {
  assert.equal(formatRatio(metrics.recordsPerSecond, 1.5), '1.50× +');
  assert.equal(formatRatio(metrics.recordsPerSecond, 0.5), '0.500× −');
  assert.equal(formatRatio(metrics.p99Ms, 0.5), '0.500× +');
  assert.equal(formatRatio(metrics.p99Ms, 250), '250× −');
  assert.equal(formatRatio(metrics.p99Ms, 1.01), '1.01×  ');
  assert.equal(formatRatio(metrics.clientCores, 3), '3.00×  ');
  assert.equal(formatRatio(metrics.p99Ms, undefined), '');
});

test('a scenario is a table of metrics by systems, with spread, ratios and failures', () => {
  assert.deepEqual(renderScenario(info, report.systems, report.runs), [
    '### produce',
    '',
    'Produces.',
    '',
    '|                 |              skarab |                 jvm |  null | skarab/jvm |',
    '| --------------- | ------------------: | ------------------: | ----: | ---------: |',
    '| records/s, cold |                 950 |                     |       |            |',
    '| p99 ms, cold    |                40.3 |                     |       |            |',
    '| records/s, warm | 1.60M (1.50M…1.70M) | 1.00M (1.00M…1.00M) | 3.00M |    1.60× + |',
    '| p99 ms, warm    |    4.00 (4.00…4.00) |    2.00 (2.00…2.00) |       |    2.00× − |',
    'FAILED jvm warm 3: gone',
    '',
  ]);
});

test('the overview has the headline of every scenario', () => {
  assert.deepEqual(renderOverview(report), [
    '## Overview',
    '',
    '| scenario |          figure | skarab |   jvm |  null | skarab/jvm |',
    '| -------- | --------------: | -----: | ----: | ----: | ---------: |',
    '| produce  | records/s, warm |  1.60M | 1.00M | 3.00M |    1.60× + |',
    '',
  ]);
});

test('the JSON report has spreads, ratios and every run', () => {
  const parsed = JSON.parse(reportAsJson(report)) as { summary: unknown[]; runs: unknown[]; machine: unknown };
  assert.deepEqual(parsed.machine, { cpus: 2 });
  assert.equal(parsed.runs.length, report.runs.length);
  assert.deepEqual(parsed.summary[2], {
    scenario: 'produce',
    warmth: 'warm',
    metric: 'recordsPerSecond',
    unit: '/s',
    systems: {
      skarab: { count: 2, min: 1_500_000, median: 1_600_000, max: 1_700_000 },
      jvm: { count: 2, min: 1_000_000, median: 1_000_000, max: 1_000_000 },
      null: { count: 1, min: 3_000_000, median: 3_000_000, max: 3_000_000 },
    },
    ratios: { jvm: 1.6, null: 1_600_000 / 3_000_000 },
  });
});
