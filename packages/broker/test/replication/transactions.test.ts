/**
 * Transactions over partitions, coordinators and groups on three brokers, one of whom dies: all of a transaction is seen, or nothing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorCode } from '@skarab/protocol';
import { BROKERS, PROTOCOLS, TOPIC, TransactionCluster } from './transaction-cluster.ts';

const GROUP = 'auditors';

for (const protocol of PROTOCOLS) {
  test(`a transaction spans partitions that all brokers lead, and offsets of a group (${protocol})`, async () => {
    const fixture = await TransactionCluster.start(11);
    const { simulation } = fixture;
    // Several ids, so that every broker is a coordinator.
    for (const id of ['a', 'b', 'c']) {
      const client = fixture.client(id, protocol);
      await simulation.run(client.init());
      for (const [name, isCommit] of [
        ['lost', false],
        ['kept', true],
      ] as const) {
        for (const partition of fixture.partitions())
          await simulation.run(client.send(TOPIC, partition, `${id} ${name} ${partition}`));
        await simulation.run(client.commitOffset(GROUP, TOPIC, 0, isCommit ? 7 : 3));
        await simulation.run(client.end(isCommit));
      }
      assert.equal(await simulation.run(client.committedOffset(GROUP, TOPIC, 0)), 7);
      client.close();
    }
    const expected = ['a', 'b', 'c'].flatMap((id) => fixture.partitions().map((i) => `${id} kept ${i}`));
    assert.deepEqual(await fixture.committed(), expected);
    const coordinators = ['a', 'b', 'c'].map((id) => fixture.coordinatorOf('__transaction_state', id));
    assert.equal(new Set(coordinators).size, BROKERS);
    await fixture.close();
  });

  test(`the coordinator dies in the middle of a transaction, and after it has decided (${protocol})`, async () => {
    const fixture = await TransactionCluster.start(12);
    const { simulation } = fixture;
    const client = fixture.client('id', protocol);
    await simulation.run(client.init());
    for (const partition of fixture.partitions()) await simulation.run(client.send(TOPIC, partition, `1/${partition}`));
    await fixture.kill(fixture.coordinatorOf('__transaction_state', 'id'));
    for (const partition of fixture.partitions()) await simulation.run(client.send(TOPIC, partition, `2/${partition}`));
    await simulation.run(client.end(true));
    await fixture.restore();
    for (const partition of fixture.partitions()) await simulation.run(client.send(TOPIC, partition, `3/${partition}`));
    // The decision is committed, its markers are on their way: the next coordinator sees to the rest.
    await simulation.run(client.end(true));
    await fixture.kill(fixture.coordinatorOf('__transaction_state', 'id'));
    await fixture.restore();
    const expected = [1, 2, 3].flatMap((round) => fixture.partitions().map((i) => `${round}/${i}`));
    assert.deepEqual(await fixture.committed(), expected);
    client.close();
    await fixture.close();
  });

  test(`the leader of a partition dies in the middle of a transaction (${protocol})`, async () => {
    const fixture = await TransactionCluster.start(13);
    const { simulation } = fixture;
    const client = fixture.client('id', protocol);
    await simulation.run(client.init());
    const coordinator = fixture.coordinatorOf('__transaction_state', 'id');
    for (const isCommit of [true, false]) {
      for (const i of fixture.partitions()) await simulation.run(client.send(TOPIC, i, `${isCommit} ${i}`));
      const victim = fixture
        .partitions()
        .map((i) => fixture.leaderOf(i))
        .find((leader) => leader !== coordinator)!;
      await fixture.kill(victim);
      await simulation.run(client.end(isCommit));
      await fixture.restore();
    }
    assert.deepEqual(
      await fixture.committed(),
      fixture.partitions().map((i) => `true ${i}`),
    );
    client.close();
    await fixture.close();
  });
}

test('internal topics are replicated as configured; every broker names the same coordinators, and they move with their leaders', async () => {
  const fixture = await TransactionCluster.start(14);
  const { simulation } = fixture;
  const client = fixture.client('id', 'addedByBrokers');
  await simulation.run(client.init());
  await simulation.run(client.send(TOPIC, 0, 'open'));
  await simulation.run(client.commitOffset(GROUP, TOPIC, 0, 5));
  for (const topic of ['__transaction_state', '__consumer_offsets'] as const) {
    const { partitions } = fixture.cluster.controller.image.topics.byName.get(topic)!;
    assert.deepEqual(new Set(partitions.map(({ replicas }) => replicas.length)), new Set([BROKERS]));
    assert.equal(new Set(partitions.map(({ leader }) => leader)).size, BROKERS);
  }
  const named = async (keyType: number, key: string): Promise<number[]> => {
    const running = fixture.cluster.brokers.filter(({ isRunning }) => isRunning);
    return simulation.run(Promise.all(running.map(({ id }) => client.coordinatorNamedBy(id, keyType, key))));
  };
  const [group, transaction] = [0, 1];
  const groupsBefore = fixture.coordinatorOf('__consumer_offsets', GROUP);
  assert.deepEqual(await named(group, GROUP), [groupsBefore, groupsBefore, groupsBefore]);
  const before = fixture.coordinatorOf('__transaction_state', 'id');
  assert.deepEqual(await named(transaction, 'id'), [before, before, before]);

  // A controlled shutdown: nobody is killed, the coordinator just moves.
  await simulation.run(fixture.cluster.broker(before).stop());
  await simulation.run(fixture.cluster.until(() => fixture.coordinatorOf('__transaction_state', 'id') !== before));
  const after = fixture.coordinatorOf('__transaction_state', 'id');
  await simulation.run(client.end(true));
  assert.deepEqual(await named(transaction, 'id'), [after, after]);
  assert.equal(await simulation.run(client.committedOffset(GROUP, TOPIC, 0)), 5);

  // The old one comes back and leads nothing: it sends clients to who does.
  await fixture.restore();
  const now = fixture.coordinatorOf('__transaction_state', 'id');
  assert.deepEqual(await named(transaction, 'id'), [now, now, now]);
  const other = fixture.cluster.brokers.find(({ id }) => id !== now)!;
  assert.equal(await simulation.run(client.endAt(other.id)), ErrorCode.NOT_COORDINATOR);
  client.close();
  await fixture.close();
});
