/** Clusters in which each process has one role. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaderOf, mustRun, requireTools, startCluster, until } from './harness.ts';

test('a cluster of nodes with one role each', { timeout: 240_000 }, async (t) => {
  const tools = await requireTools(t);
  if (tools === undefined) return;
  const distribution = tools.ours;
  const cluster = await startCluster(t, {
    nodes: [
      { id: 100, roles: 'controller', distribution },
      { id: 1, roles: 'broker', distribution },
      { id: 2, roles: 'broker', distribution },
    ],
  });
  const server = `--bootstrap-server ${cluster.bootstrapServers}`;
  await mustRun(tools, 'topics', `${server} --create --topic t --partitions 2 --replication-factor 2`);
  await mustRun(tools, 'console-producer', `${server} --topic t --command-property acks=all`, 'a\nb\nc\n');
  const consume = `${server} --topic t --group g --from-beginning --timeout-ms 8000 --max-messages 3`;
  const consumed = await mustRun(tools, 'console-consumer', consume);
  assert.deepEqual(consumed.trim().split('\n').sort(), ['a', 'b', 'c']);
  const endpoints = await mustRun(tools, 'cluster', `list-endpoints ${server}`);
  assert.match(endpoints, /^1 /m);
  assert.doesNotMatch(endpoints, /^100 /m);

  // Kafka's tool describes no topics by way of controllers: it looks for them first, which controllers do not answer.
  await t.test('a controller tells and changes configurations itself', async () => {
    const controller = `--bootstrap-controller 127.0.0.1:${cluster.node(100).controllerPort}`;
    const topic = '--entity-type topics --entity-name t';
    await mustRun(tools, 'configs', `${controller} --alter ${topic} --add-config retention.ms=77000`);
    const described = () => mustRun(tools, 'configs', `${server} --describe ${topic}`);
    const isChanged = (text: string): boolean =>
      /retention\.ms=77000 .*DYNAMIC_TOPIC_CONFIG:retention\.ms=77000/.test(text);
    await until(described, isChanged, 'the configuration is changed');
    const own = await mustRun(
      tools,
      'configs',
      `${controller} --describe --all --entity-type brokers --entity-name 100`,
    );
    assert.match(own, /node\.id=100 /);
  });

  await t.test('brokers go on without the controller, and see it again', async () => {
    await cluster.node(100).kill();
    await mustRun(tools, 'console-producer', `${server} --topic t --command-property acks=all`, 'd\n');
    await cluster.node(100).start();
    await mustRun(tools, 'topics', `${server} --create --topic later --replication-factor 2`);
  });

  await t.test('a broker that dies is fenced and comes back', async () => {
    await cluster.node(2).kill();
    const one = `--bootstrap-server 127.0.0.1:${cluster.node(1).port}`;
    const lacking = () => mustRun(tools, 'topics', `${one} --describe --topic t --under-replicated-partitions`);
    await until(lacking, (text) => text.match(/Topic: t/g)?.length === 2, 'the broker is out of sync');
    await cluster.node(2).start();
    await until(lacking, (text) => !text.includes('Topic: t'), 'it is in sync again');
  });
});

test('a broker that dies together with the active controller is soon missed by the next one', {
  timeout: 120_000,
}, async (t) => {
  const tools = await requireTools(t);
  if (tools === undefined) return;
  const distribution = tools.ours;
  const controllers = [100, 101, 102].map((id) => ({ id, roles: 'controller' as const, distribution }));
  const brokers = [1, 2].map((id) => ({ id, roles: 'broker' as const, distribution }));
  const cluster = await startCluster(t, { nodes: [...controllers, ...brokers] });
  const server = `--bootstrap-server 127.0.0.1:${cluster.node(1).port}`;
  await mustRun(tools, 'topics', `${server} --create --topic t --replica-assignment 2:1`);
  const active = await leaderOf(tools, server);
  const killedAt = performance.now();
  await Promise.all([cluster.node(active).kill(), cluster.node(2).kill()]);
  const described = () => mustRun(tools, 'topics', `${server} --describe --topic t`);
  await until(described, (text) => text.includes('Leader: 1'), 'the other broker leads');
  const tookMs = performance.now() - killedAt;
  assert.ok(tookMs < 7000, `${tookMs} ms; the session timeout is 9000`);
});
