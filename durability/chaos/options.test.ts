import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseOptions } from './options.ts';

test('a minute of three nodes when nothing is said, with a seed of the clock', () => {
  assert.deepEqual(parseOptions([], 5_000_123), {
    nodes: 3,
    clients: ['raw', 'java', 'franz-go'],
    partitions: 4,
    durationMs: 60_000,
    seed: 123,
    maxPauseMs: 3000,
    rolling: true,
    jvm: false,
    json: false,
    help: false,
  });
  const { durationMs, rolling, seed } = parseOptions(['--minutes', '0.5', '--no-rolling', '--seed', '7'], 0);
  assert.deepEqual([durationMs, rolling, seed], [30_000, false, 7]);
  assert.deepEqual(parseOptions(['--clients', 'franz-go,raw,franz-go'], 0).clients, ['franz-go', 'raw']);
});

test('what is wrong is said', () => {
  assert.throws(() => parseOptions(['--nodes', 'many'], 0), /--nodes must be a whole number from 1 on, not 'many'/);
  assert.throws(() => parseOptions(['--seed', '-1'], 0), /--seed/);
  assert.throws(() => parseOptions(['--minutes', '0'], 0), /--minutes must be a number above 0/);
  assert.throws(() => parseOptions(['--clients', 'raw,sarama'], 0), /some of raw,java,franz-go, not 'sarama'/);
  assert.throws(() => parseOptions(['--clients', ''], 0), /--clients/);
  assert.throws(() => parseOptions(['--what'], 0), /--what/);
});
