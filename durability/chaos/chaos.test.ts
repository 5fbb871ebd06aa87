/**
 * A short run of `npm run chaos`: three nodes, half a minute of faults. SEED may be given.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skarab } from '../../tools/raw-client/brokers.ts';
import { runChaos } from './chaos.ts';
import { CLIENT_NAMES, findClients } from './clients.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

test('what a cluster of three has acknowledged outlives kills, pauses and restarts', {
  timeout: 300_000,
}, async (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const say = (line: string): void => t.diagnostic(line);
  const clients = await findClients(CLIENT_NAMES, say);
  const { violations, faults, loads } = await runChaos({
    distribution: skarab,
    nodes: 3,
    clients,
    partitions: 2,
    durationMs: 10_000,
    seed: SEED,
    maxPauseMs: 2000,
    rolling: true,
    say,
  });
  assert.deepEqual(violations, []);
  assert.ok(faults.length >= 4, 'there were faults');
  for (const { client, acknowledgedRecords, firstGivenUp } of loads) {
    assert.deepEqual(firstGivenUp, [], `${client} gave nothing up`);
    assert.ok(acknowledgedRecords > 1000, `${client} wrote ${acknowledgedRecords} records`);
  }
});
