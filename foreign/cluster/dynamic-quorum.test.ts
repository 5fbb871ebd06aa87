/** A quorum that grows and shrinks under kafka-metadata-quorum, asked through controllers and through brokers. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { leaderOf, mustRun, requireTools, startCluster, tryRun, until, votersOf } from './harness.ts';

test('controllers are added and removed, through controllers and through brokers', { timeout: 240_000 }, async (t) => {
  const tools = await requireTools(t);
  if (tools === undefined) return;
  const distribution = tools.ours;
  const cluster = await startCluster(t, {
    quorum: 'dynamic',
    nodes: [1, 2, 3].map((id) => ({ id, roles: 'broker,controller' as const, distribution })),
  });
  // Node 3 is no voter yet and leads nothing: what is asked of it goes to the active controller.
  const broker = `--bootstrap-server 127.0.0.1:${cluster.node(3).port}`;
  const controller = `--bootstrap-controller 127.0.0.1:${cluster.node(1).controllerPort}`;
  const directoryOf = async (id: number): Promise<string> => {
    const properties = await readFile(join(cluster.node(id).dataDir, 'meta.properties'), 'utf8');
    return /directory\.id=(\S+)/.exec(properties)?.[1] ?? '';
  };
  const add = (server: string, id: number) =>
    mustRun(tools, 'metadata-quorum', `${server} --command-config ${cluster.node(id).propertiesFile} add-controller`);
  const remove = async (server: string, id: number) =>
    tryRun(
      tools,
      'metadata-quorum',
      `${server} remove-controller --controller-id ${id} --controller-directory-id ${await directoryOf(id)}`,
    );
  assert.deepEqual(await votersOf(tools, broker), [1]);

  await t.test('a controller is added through a broker, another through a controller', async () => {
    assert.match(await add(broker, 2), /Added controller 2 with directory id .* and endpoints: CONTROLLER:\/\//);
    assert.match(await add(controller, 3), /Added controller 3/);
    for (const server of [broker, controller]) assert.deepEqual(await votersOf(tools, server), [1, 2, 3]);
    const replication = await mustRun(tools, 'metadata-quorum', `${broker} describe --replication`);
    assert.equal(replication.match(/Follower|Leader/g)?.length, 3, replication);
  });

  await t.test('what cannot be is refused in words', async () => {
    const command = `${broker} --command-config ${cluster.node(2).propertiesFile} add-controller`;
    const twice = await tryRun(tools, 'metadata-quorum', command);
    assert.equal(twice.code, 1);
    assert.match(
      twice.stdout + twice.stderr,
      /DuplicateVoterException: The voter id for .* is already part of the set of voters/,
    );
    const unknown = `${broker} remove-controller --controller-id 9 --controller-directory-id ${await directoryOf(1)}`;
    const { code, stdout, stderr } = await tryRun(tools, 'metadata-quorum', unknown);
    assert.equal(code, 1);
    assert.match(stdout + stderr, /VoterNotFoundException: Cannot remove voter/);
  });

  await t.test('the one that leads is removed, and another one leads', async () => {
    const leader = await leaderOf(tools, broker);
    const { code, stdout, stderr } = await remove(broker, leader);
    assert.equal(code, 0, stdout + stderr);
    await until(
      () => leaderOf(tools, broker),
      (id) => id > 0 && id !== leader,
      'another one leads',
    );
    assert.deepEqual(
      await votersOf(tools, broker),
      [1, 2, 3].filter((id) => id !== leader),
    );
    // Its controller only watches now; its broker works as before.
    const former = `--bootstrap-server 127.0.0.1:${cluster.node(leader).port}`;
    await mustRun(tools, 'topics', `${former} --create --topic after --replication-factor 3`);
    await until(
      () => mustRun(tools, 'topics', `${former} --describe --topic after`),
      (text) => /Isr: \d,\d,\d/.test(text),
      'all brokers replicate',
    );
  });
});
