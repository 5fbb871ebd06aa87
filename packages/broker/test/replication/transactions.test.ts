/**
 * Transactions over partitions, coordinators and groups on three brokers, one of whom dies: all of a transaction is seen, or nothing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
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
