import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isValidHost, parseHostPort } from './host-port.ts';
import { hashSetToText } from './java-hash-order.ts';
import { parseQuorumBootstrapServers, parseQuorumVoters } from './quorum-endpoints.ts';
import { parseDurationMs, parseShareAutoOffsetReset } from './share-auto-offset-reset.ts';
import { parseThrottledReplicas } from './throttled-replicas.ts';

test('addresses', () => {
  assert.deepEqual(parseHostPort('SSL://example.com:9'), { host: 'example.com', port: 9 });
  assert.deepEqual(parseHostPort('[::1]:9'), { host: '::1', port: 9 });
  assert.equal(parseHostPort('example.com'), undefined);
  assert.deepEqual(['a-b.c', 'a b', ''].map(isValidHost), [true, false, true]);
});

test('voters and bootstrap controllers', () => {
  assert.deepEqual(
    parseQuorumVoters(['1@a:1', '2@0.0.0.0:2'], false),
    new Map([
      [1, { id: 1, host: 'a', port: 1 }],
      [2, { id: 2, host: '0.0.0.0', port: 2 }],
    ]),
  );
  assert.throws(() => parseQuorumVoters(['2@0.0.0.0:2'], true), { message: 'Host string (0.0.0.0) is not routeable' });
  assert.throws(() => parseQuorumVoters(['x@a:1'], false), {
    message: 'Failed to parse voter ID as an integer from x',
  });
  assert.deepEqual(parseQuorumBootstrapServers(['a:1', '[::1]:2']), [
    { host: 'a', port: 1 },
    { host: '::1', port: 2 },
  ]);
});

test('where share groups start', () => {
  assert.deepEqual(
    ['earliest', 'latest', 'none', 'by_duration:PT1H', 'by_duration:-PT1H', 'by_duration:'].map(
      parseShareAutoOffsetReset,
    ),
    [
      { type: 'earliest' },
      { type: 'latest' },
      undefined,
      { type: 'by_duration', durationMs: 3_600_000 },
      undefined,
      undefined,
    ],
  );
  assert.deepEqual(['P1DT2H3M4.5S', 'PT-1.5S', '-PT-1.5S', 'P', 'PT', 'P1Y'].map(parseDurationMs), [
    93_784_500,
    -1500,
    1500,
    undefined,
    undefined,
    undefined,
  ]);
});

test('throttled replicas', () => {
  assert.deepEqual(parseThrottledReplicas(['0:1', '2:3']), [
    { partition: 0, brokerId: 1 },
    { partition: 2, brokerId: 3 },
  ]);
  assert.deepEqual([['*'], [], ['1'], ['*', '1:1']].map(parseThrottledReplicas), ['*', [], undefined, undefined]);
});

test('sets are printed in the order of their hashes', () => {
  assert.equal(hashSetToText(['broker.rack', 'num.partitions']), '[num.partitions, broker.rack]');
  assert.equal(hashSetToText(['b', 'a', 'b']), '[a, b]');
});
