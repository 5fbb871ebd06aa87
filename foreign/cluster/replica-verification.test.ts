/**
 * kafka-replica-verification over three nodes: it fetches from every replica, as followers do not, and compares what they hold.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JavaProcess } from '../jvm-tools/java-process.ts';
import { mustRun, requireTools, startCluster } from './harness.ts';

const REPORTS = 3;

test('the replicas of every partition are the same for it', { timeout: 120_000 }, async (t) => {
  const tools = await requireTools(t);
  if (tools === undefined) return;
  const { jvm, ours: distribution } = tools;
  const nodes = [1, 2, 3].map((id) => ({ id, roles: 'broker,controller' as const, distribution }));
  const cluster = await startCluster(t, { nodes });
  const server = `--bootstrap-server ${cluster.bootstrapServers}`;
  await mustRun(tools, 'topics', `${server} --create --topic verified --partitions 6 --replication-factor 3`);
  const lines = Array.from({ length: 600 }, (_, i) => `${i}\tvalue ${i}\n`).join('');
  await mustRun(tools, 'console-producer', `${server} --topic verified --reader-property parse.key=true`, lines);

  const asked = ['--broker-list', cluster.bootstrapServers, '--topics-include', 'verified', '--time', '-2'];
  const verification = new JavaProcess(t, jvm, 'kafka-replica-verification', [...asked, '--report-interval-ms', '300']);
  const reports = (): string[] => verification.output.match(/max lag is .*/g) ?? [];
  await verification.until(async () => reports().length >= REPORTS, `${REPORTS} reports`, 60_000);
  assert.match(verification.output, /verification process is started/);
  for (const report of reports())
    assert.match(report, /^max lag is 0 for partition verified-\d at offset \d+ among 6 part/);
  assert.doesNotMatch(verification.output, /unmatched|ERROR|Exception/);
});
