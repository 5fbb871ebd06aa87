/** Controllers that make themselves voters (KIP-853, KIP-1186): one of ours and one of the JVM join a quorum that either of them leads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaderOf, requireTools, startCluster, until, votersOf } from './harness.ts';

for (const first of ['ours', 'jvm'] as const) {
  test(`controllers join a quorum that ${first === 'ours' ? 'we' : 'the JVM'} began`, {
    timeout: 120_000,
  }, async (t) => {
    const tools = await requireTools(t);
    if (tools === undefined) return;
    const distributions = [tools[first], tools.ours, tools.jvm];
    const cluster = await startCluster(t, {
      quorum: 'dynamic',
      nodes: distributions.map((distribution, i) => ({ id: i + 1, roles: 'broker,controller' as const, distribution })),
      properties: { 'controller.quorum.auto.join.enable': 'true' },
    });
    const server = `--bootstrap-server ${cluster.bootstrapServers}`;
    await until(
      () => votersOf(tools, server),
      (voters) => voters.length === distributions.length,
      'all are voters',
    );
    // The quorum is theirs too: it goes on without the one that began it.
    assert.equal(await leaderOf(tools, server), 1);
    await cluster.node(1).kill();
    const others = `--bootstrap-server 127.0.0.1:${cluster.node(2).port},127.0.0.1:${cluster.node(3).port}`;
    await until(
      () => leaderOf(tools, others),
      (id) => id === 2 || id === 3,
      'one of those that joined leads',
    );
    assert.deepEqual(await votersOf(tools, others), [1, 2, 3]);
  });
}
