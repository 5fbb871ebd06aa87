/**
 * What was answered survives a loss of power, whenever it comes; so does the order of epochs. SEED chooses another run.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '@skarab/base';
import { FaultyStorage } from '@skarab/log/testing';
import { newCreatableTopic, newCreateTopicsRequest, newDeleteTopicsRequest } from '@skarab/protocol';
import { access, format, joinBroker, startNode, type TestNode } from './test-node.ts';

const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const firstSeed = Number(process.env['SEED'] ?? 1);

/** Creates and deletes topics until the power goes; knows what was answered. */
class Client {
  readonly created = new Set<string>();
  readonly deleted = new Set<string>();
  readonly #random: Random;
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  async run({ node }: TestNode, turns: number): Promise<void> {
    for (let turn = 0; turn < turns; turn++) {
      for (let i = this.#random.int(4); i > 0; i--) this.#request(node.controller).catch(() => {});
      await new Promise(setImmediate);
    }
  }

  async #request(controller: TestNode['node']['controller']): Promise<void> {
    const [oldest] = this.created;
    if (oldest !== undefined && this.#random.next() < 0.3) {
      this.created.delete(oldest);
      const request = newDeleteTopicsRequest({ topics: [{ name: oldest, topicId: NO_ID }] });
      const { responses } = await controller.deleteTopics({ requestVersion: 6 }, request, access);
      if (responses[0]?.errorCode === 0) this.deleted.add(oldest);
      return;
    }
    const name = `topic-${this.#count++}`;
    const topics = [newCreatableTopic({ name, numPartitions: 1 + this.#random.int(20), replicationFactor: 1 })];
    const response = await controller.createTopics({ requestVersion: 7 }, newCreateTopicsRequest({ topics }), access);
    if (response.topics[0]?.errorCode === 0) this.created.add(name);
  }
}

for (let seed = firstSeed; seed < firstSeed + 10; seed++) {
  test(`what was answered survives losses of power, seed ${seed}`, async () => {
    const random = seededRandom(seed);
    const storage = new FaultyStorage(random);
    await format(storage, '/data');
    const client = new Client(random);
    let epoch = 0;
    for (let life = 0; life < 4; life++) {
      const options = { storage: storage.attach(), random, snapshots: { maxBytes: 4000 }, fileDeleteDelayMs: 0 };
      const running = await startNode({ ...options, retention: { maxBytes: 6000 } });
      const { node, faults } = running;
      assert.ok(node.leader.epoch > epoch, 'no epoch is led twice');
      epoch = node.leader.epoch;
      const topics = node.image.topics.byName;
      for (const name of client.created) assert.ok(topics.has(name), `${name} was created`);
      for (const name of client.deleted) assert.equal(topics.has(name), false, `${name} was deleted`);
      if (life === 0) await joinBroker(running);
      assert.deepEqual(faults, []);
      await client.run(running, random.int(120));
      storage.crash();
      // The process before is dead; what it does now does not count.
      await node.close().catch(() => {});
    }
  });
}
