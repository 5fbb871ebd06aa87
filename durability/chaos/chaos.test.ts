/**
 * A short run of `npm run chaos`: three nodes, half a minute of faults. SEED may be given.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skarab } from '../../tools/raw-client/brokers.ts';
import { runChaos } from './chaos.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

test('what a cluster of three has acknowledged outlives kills, pauses and restarts', {
  timeout: 300_000,
}, async (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const { violations, faults, acknowledgedRecords } = await runChaos({
    distribution: skarab,
    nodes: 3,
    partitions: 4,
    durationMs: 25_000,
    seed: SEED,
    maxPauseMs: 2000,
    rolling: true,
    say: (line) => t.diagnostic(line),
  });
  assert.deepEqual(violations, []);
  assert.ok(faults.length >= 4, 'there were faults');
  assert.ok(acknowledgedRecords > 1000, 'there was a load');
});
