import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '@skarab/base';
import {
  type CleanerConfigs,
  checkReconfiguration,
  cleanerSettingsOf,
  defaultCleanerSettings,
  limitsOf,
} from './cleaner-settings.ts';

const defaults: CleanerConfigs = {
  'log.cleaner.enable': true,
  'log.cleaner.threads': 1,
  'log.cleaner.dedupe.buffer.size': 134217728,
  'log.cleaner.io.buffer.load.factor': 0.9,
  'log.cleaner.io.buffer.size': 524288,
  'log.cleaner.io.max.bytes.per.second': Number.MAX_VALUE,
  'log.cleaner.backoff.ms': 15000,
};

const read = (configs: Partial<CleanerConfigs>) => {
  const all = { ...defaults, ...configs };
  return cleanerSettingsOf((name) => all[name]);
};

test('settings come from the configuration by their names', () => {
  assert.deepEqual(read({}), defaultCleanerSettings);
  assert.throws(() => read({ 'log.cleaner.io.buffer.load.factor': 1e-7 }), ConfigError);
  assert.throws(() => read({ 'log.cleaner.dedupe.buffer.size': 47 }), /offset map is too small/);
});

test('threads share buffers and bandwidth; no read buffer is useless, and no map larger than 2 GiB', () => {
  assert.deepEqual(limitsOf({ ...defaultCleanerSettings, threads: 4, ioMaxBytesPerSecond: 1000 }), {
    dedupeBufferBytes: 33554432,
    loadFactor: 0.9,
    readBufferBytes: 65536,
    maxIoBytesPerSecond: 250,
  });
  const { dedupeBufferBytes, readBufferBytes } = limitsOf({
    ...{ ...defaultCleanerSettings, threads: 0, dedupeBufferSize: 2 ** 33, ioBufferSize: 0 },
  });
  assert.deepEqual([dedupeBufferBytes, readBufferBytes], [2 ** 31 - 1, 4096]);
});

test('the number of threads may at most double or halve while the broker runs', () => {
  const change = (from: number, to: number) => () =>
    checkReconfiguration({ ...defaultCleanerSettings, threads: from }, { ...defaultCleanerSettings, threads: to });
  change(5, 2)();
  change(5, 10)();
  assert.throws(change(5, 11), /cannot be increased to more than double the current value 5/);
  assert.throws(change(8, 3), /cannot be reduced to less than half the current value 8/);
  assert.throws(change(1, 0), /should be at least 1/);
});
