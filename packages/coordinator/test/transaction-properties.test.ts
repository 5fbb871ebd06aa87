/**
 * Random producers, failed and slow writes, markers that fail, moves of the coordinator: whatever happens, the log says what the coordinator
 * says, every request is answered once, a transaction has one end, and every end that was promised is carried out.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Random, seededRandom } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import type { ProducerIdAndEpoch, ProducerResult, TransactionRequest, TransactionRequestKind } from '../src/index.ts';
import { TransactionHost } from './transaction-host.ts';

const ids = ['a', 'b', 'c'];
const writeErrors = [ErrorCode.NOT_ENOUGH_REPLICAS, ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.REQUEST_TIMED_OUT];

/** What a producer believes, and what it was promised. */
interface Client extends ProducerIdAndEpoch {
  readonly transactionalId: string;
}

class World {
  readonly host: TransactionHost;
  readonly tokens: number[] = [];
  readonly #random: Random;
  readonly #version: number;
  readonly #clients: Client[] = [];
  /** Ends that were answered NONE: producer and the epoch of its marker. */
  readonly promised = new Map<string, boolean>();

  constructor(seed: number, version: number) {
    this.#random = seededRandom(seed);
    this.#version = version;
    const config = { idExpirationMs: 40_000, removeExpiredIntervalMs: 20_000, writeTimeoutMs: 2_000 };
    this.host = new TransactionHost({ config, partitionCount: 2, transactionVersion: version });
    this.host.elect();
  }

  step(): void {
    const random = this.#random;
    const { host } = this;
    switch (random.int(24)) {
      case 0:
        host.failNext.push(writeErrors[random.int(writeErrors.length)]!);
        break;
      case 1:
        host.isHoldingCommits = true;
        break;
      case 2:
        host.commit();
        break;
      case 3:
        host.isHoldingMarkers = true;
        break;
      case 4:
        host.releaseMarkers();
        break;
      case 5:
        host.advance(random.int(12_000));
        break;
      case 6:
        if (random.int(4) === 0) host.resign();
        host.elect();
        break;
      case 7: {
        const chance = random.int(3);
        host.markerError = () => (random.int(3) < chance ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.NONE);
        break;
      }
      default:
        this.#act();
    }
  }

  #act(): void {
    const random = this.#random;
    const transactionalId = ids[random.int(ids.length)]!;
    const newest = this.#clients.findLast((client) => client.transactionalId === transactionalId);
    const client = random.int(4) > 0 ? newest : this.#clients[random.int(this.#clients.length + 1)];
    if (client === undefined || random.int(8) === 0) {
      const call = {
        transactionalId,
        timeoutMs: 1 + random.int(15_000),
        enableTwoPhaseCommit: false,
        keepPreparedTransaction: false,
      };
      const expected = client?.transactionalId === transactionalId && random.int(2) === 0 ? client : null;
      this.#send('initProducerId', { ...call, expected }, ({ errorCode, producerId, producerEpoch }) => {
        if (errorCode === ErrorCode.NONE) this.#clients.push({ transactionalId, producerId, producerEpoch });
      });
    } else if (random.int(2) === 0) {
      const partitions = [{ topic: 't', partition: random.int(4) }];
      this.#send('addPartitions', { ...client, partitions, transactionVersion: this.#version }, () => {});
    } else {
      const isCommit = random.int(2) === 0;
      this.#send('endTransaction', { ...client, isCommit, transactionVersion: this.#version }, (result) => {
        if (result.errorCode !== ErrorCode.NONE || this.#version < 2) return;
        this.promised.set(`${client.producerId}/${client.producerEpoch + 1}`, isCommit);
        const { producerId, producerEpoch } = result;
        this.#clients.push({ transactionalId: client.transactionalId, producerId, producerEpoch });
      });
    }
    if (this.#clients.length > 8) this.#clients.shift();
  }

  readonly #watched = new Map<number, (response: never) => void>();

  #send<K extends TransactionRequestKind>(
    kind: K,
    request: TransactionRequest<K>,
    then: (response: K extends 'addPartitions' ? number : ProducerResult) => void,
  ): void {
    const token = this.host.send(kind, request);
    this.tokens.push(token);
    this.#watched.set(token, then as (response: never) => void);
    this.observe();
  }

  /** Lets clients hear of the answers that have come. */
  observe(): void {
    for (const [token, then] of this.#watched) {
      if (!this.host.responses.has(token)) continue;
      this.#watched.delete(token);
      then(this.host.responses.get(token) as never);
    }
  }

  /** Nothing fails any more, and all that is under way comes to its end. */
  calm(): void {
    const { host } = this;
    host.failNext.length = 0;
    host.markerError = () => ErrorCode.NONE;
    host.commit();
    host.elect();
    host.releaseMarkers();
    host.advance(0);
    host.advance(11_000);
    this.observe();
  }
}

/** All ids. Without epoch bump, an epoch that was meant to fence and could not be written is in memory only, as in Kafka. */
function describe(host: TransactionHost, version: number) {
  return ids.map((id) => {
    const state = host.ask('describeTransaction', id);
    return version < 2 && state.transactionState === 'Ongoing' ? { ...state, producerEpoch: -1 } : state;
  });
}

for (const version of [2, 1]) {
  test(`the log says what the coordinator says, at transaction version ${version}`, () => {
    const seeds = Number(process.env['SEEDS'] ?? 60);
    let committed = 0;
    for (let seed = 1; seed <= seeds; seed++) {
      const world = new World(seed, version);
      const { host } = world;
      for (let step = 0; step < 250; step++) {
        world.step();
        world.observe();
        if (step % 50 !== 49) continue;
        world.calm();
        assert.deepEqual(describe(host.reloaded(), version), describe(host, version), `seed ${seed} step ${step}`);
        const open = describe(host, version).filter(({ transactionState }) => transactionState.startsWith('Prepare'));
        assert.deepEqual(open, [], `seed ${seed} step ${step}`);
      }
      checkMarkers(world, version, seed);
      committed += [...world.promised.values()].filter((isCommit) => isCommit).length;
      host.coordinator.shutdown(host.nowMs);
      host.settle();
      const unanswered = world.tokens.filter((token) => !host.responses.has(token));
      assert.deepEqual(unanswered, [], `seed ${seed}`);
    }
    assert(version < 2 || committed > seeds, `only ${committed} commits`);
  });
}

/** With an epoch for each transaction: one end for each, and it is the one that was promised. */
function checkMarkers({ host, promised }: World, version: number, seed: number): void {
  if (version < 2) return;
  const ends = new Map<string, boolean>();
  for (const { end } of host.markers) {
    const key = `${end.producerId}/${end.producerEpoch}`;
    assert.equal(ends.get(key) ?? end.isCommit, end.isCommit, `seed ${seed}: ${key} is committed and aborted`);
    ends.set(key, end.isCommit);
  }
  // An abort of nothing needs no marker.
  for (const [key, isCommit] of promised)
    assert.equal(ends.get(key) ?? false, isCommit, `seed ${seed}: the end of ${key}`);
}
