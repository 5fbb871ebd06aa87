import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from '../options.ts';
import { planSteps } from '../runner/run-load.ts';
import { scenarios, selectScenarios } from './catalogue.ts';
import { failoverArgs } from './failover.ts';
import { derive } from './measure.ts';

test('names are unique, legal as topics, and every scenario has figures', () => {
  assert.equal(new Set(scenarios.map(({ name }) => name)).size, scenarios.length);
  for (const { name, metrics, about } of scenarios) {
    assert.match(name, /^[a-z0-9-]{1,60}$/);
    assert.ok(metrics.length > 0 && /\.$/.test(about), name);
  }
});

test('the quick run is a part of the full one, and that of the catalogue', () => {
  const names = (quick: boolean): string[] => selectScenarios(scenarios, undefined, quick).map(({ name }) => name);
  const [quick, full] = [new Set(names(true)), new Set(names(false))];
  assert.ok(quick.size > 8 && quick.isSubsetOf(full) && full.size > quick.size && scenarios.length > full.size);
  for (const name of [
    'produce-100b',
    'consume-1k',
    'tail-1k',
    'open-loop-20k',
    'closed-loop',
    'many-producers',
    'cold-start',
    'memory',
  ]) {
    assert.ok(quick.has(name), name);
  }
  for (const name of [
    'produce-100k-lz4',
    'produce-1k-acks1',
    'produce-1k-4c',
    'produce-100b-single',
    'partitions-1000',
  ]) {
    assert.ok(full.has(name) && !quick.has(name), name);
  }
});

test('patterns select, unknown ones are refused', () => {
  const select = (...patterns: string[]): string[] =>
    selectScenarios(scenarios, patterns, true).map(({ name }) => name);
  assert.deepEqual(select('cold-start', 'produce-1k'), ['produce-1k', 'cold-start']);
  assert.equal(select('produce-*').length, 48);
  assert.equal(select('raw-*').length, 30);
  assert.throws(() => select('produce'), /no scenario produce; see --list/);
});

test('steps are cold, warm-ups, then the rounds', () => {
  const steps = (args: string[]): string[] =>
    planSteps(parseOptions(args, new Date(0)).effort).map(
      ({ warmth, round, seconds }) => `${warmth} ${round} ${seconds}`,
    );
  assert.deepEqual(steps(['--rounds', '2']), ['cold 1 5', 'warm-up 1 3', 'warm-up 2 3', 'warm 1 5', 'warm 2 5']);
  assert.deepEqual(steps(['--quick', '--rounds', '1']), ['warm-up 1 0.5', 'warm-up 2 0.5', 'warm 1 1.2']);
});

test('rates and costs follow from counts', () => {
  const counted = { seconds: 2, records: 1000, bytes: 4_000_000, brokerCpuSeconds: 0.5, clientCpuSeconds: 1 };
  assert.deepEqual(derive(counted), {
    ...counted,
    recordsPerSecond: 500,
    mbPerSecond: 2,
    brokerUsPerRecord: 500,
    brokerMsPerMb: 125,
    brokerSecondsPerGb: 125,
    brokerCores: 0.25,
    clientCores: 0.5,
  });
  assert.deepEqual(derive({ seconds: 2, requests: 10, brokerCpuSeconds: Number.NaN }), {
    seconds: 2,
    requests: 10,
    requestsPerSecond: 5,
  });
});

test('the failover program is told the heap of a JVM, and every property', () => {
  assert.deepEqual(failoverArgs('skarab', '/w', {}).slice(1), ['--work', '/w']);
  assert.deepEqual(failoverArgs('jvm-256m', '/w', { a: '1', b: '2' }).slice(1), [
    '--work',
    '/w',
    '--jvm-heap',
    '256m',
    '--property',
    'a=1',
    '--property',
    'b=2',
  ]);
});
