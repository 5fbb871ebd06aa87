/**
 * That the simulator would notice: known rules are broken on purpose, from outside, and each has to be found within so many runs.
 *
 * Found means that a run fails in any way that a real mistake would show itself in.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Leadership, LocalMarkers, Partition, SharePersister } from '@skarab/broker/testing';
import { OffsetStore, PartitionEpochs, TransactionCoordinator, TransactionStore } from '@skarab/coordinator/testing';
import { Quorum } from '@skarab/raft/testing';
import { run, scenarioNamed } from '../src/index.ts';

const MAX_RUNS = 300;

/** Replaces a method of a class; returns what undoes it. */
function patch<T extends object>(target: T, name: keyof T & string, value: unknown): () => void {
  const original = Object.getOwnPropertyDescriptor(target, name)!;
  Object.defineProperty(target, name, { value, configurable: true, writable: true });
  return () => Object.defineProperty(target, name, original);
}

const { read, applyRegistration } = Partition.prototype;
const { write } = LocalMarkers.prototype;
const { handleRequest } = TransactionCoordinator.prototype;
const { get } = TransactionStore.prototype;

/** Whoever wants to end a transaction has the right epoch. */
function endWithAnyEpoch(): () => void {
  let askedEpoch: number | undefined;
  const undo = patch(
    TransactionCoordinator.prototype,
    'handleRequest',
    function (this: TransactionCoordinator, ...request: Parameters<TransactionCoordinator['handleRequest']>) {
      const [kind, call] = request;
      askedEpoch =
        kind === 'endTransaction' && typeof call === 'object' && 'producerEpoch' in call
          ? call.producerEpoch
          : undefined;
      handleRequest.apply(this, request);
      askedEpoch = undefined;
    },
  );
  const undoToo = patch(TransactionStore.prototype, 'get', function (this: TransactionStore, id: string) {
    const view = get.call(this, id);
    if (view === undefined || askedEpoch === undefined) return view;
    return { ...view, metadata: { ...view.metadata, producerEpoch: askedEpoch } };
  });
  return () => {
    undoToo();
    undo();
  };
}

interface Mutation {
  readonly scenarios: readonly string[];
  readonly make: () => () => void;
}

const mutations: Readonly<Record<string, Mutation>> = {
  'the high watermark advances before followers have the records': {
    scenarios: ['leader-killed', 'slow-disk', 'bad-weather', 'partitioned-leader', 'chaos'],
    make: () => patch(Leadership.prototype, 'highWatermark', (logEndOffset: number) => logEndOffset),
  },
  'the epoch of what a follower has is not checked': {
    scenarios: ['partitioned-leader', 'paused', 'leader-killed', 'chaos'],
    make: () =>
      patch(Partition.prototype, 'read', function (this: Partition, request: Parameters<Partition['read']>[0]) {
        return read.call(this, { ...request, lastFetchedEpoch: -1 });
      }),
  },
  'a voter votes twice in an epoch': {
    scenarios: ['contested-elections'],
    make: () => patch(Quorum.prototype, 'vote', () => {}),
  },
  'a write is acknowledged before it is made': {
    scenarios: ['leader-killed', 'partitioned-leader', 'chaos'],
    make: () =>
      patch(Partition.prototype, 'whenAcknowledged', (...[, , waiter]: Parameters<Partition['whenAcknowledged']>) =>
        waiter(0),
      ),
  },
  'a follower cuts its log at its high watermark': {
    scenarios: ['leader-killed', 'all-killed', 'controller-killed', 'chaos'],
    make: () =>
      patch(
        Partition.prototype,
        'applyRegistration',
        function (this: Partition, ...registration: Parameters<Partition['applyRegistration']>) {
          const epoch = this.leaderEpoch;
          const isApplied = applyRegistration.apply(this, registration);
          if (!this.isLeader && !this.isOffline && this.leaderEpoch !== epoch) this.truncateTo(this.log.highWatermark);
          return isApplied;
        },
      ),
  },
  'markers of aborted transactions are dropped': {
    scenarios: ['bank'],
    make: () =>
      patch(
        LocalMarkers.prototype,
        'write',
        async function (this: LocalMarkers, ...[end, partitions]: Parameters<LocalMarkers['write']>) {
          if (end.isCommit) return write.call(this, end, partitions);
          return partitions.map((at) => ({ ...at, errorCode: 0 }));
        },
      ),
  },
  'markers commit what was aborted': {
    scenarios: ['bank'],
    make: () =>
      patch(
        LocalMarkers.prototype,
        'write',
        function (this: LocalMarkers, ...[end, partitions]: Parameters<LocalMarkers['write']>) {
          return write.call(this, { ...end, isCommit: true }, partitions);
        },
      ),
  },
  'offsets of a transaction are committed before it is': {
    scenarios: ['bank'],
    make: () =>
      patch(
        OffsetStore.prototype,
        'putPending',
        function (this: OffsetStore, ...[groupId, topic, partition, offset]: Parameters<OffsetStore['putPending']>) {
          this.put(groupId, topic, partition, offset);
        },
      ),
  },
  'the epoch of who ends a transaction is not checked': { scenarios: ['bank'], make: endWithAnyEpoch },
  'a partition is given to a member before another one has given it up': {
    scenarios: ['churn'],
    make: () => patch(PartitionEpochs.prototype, 'get', () => -1),
  },
  'what members of a share group accept is not persisted': {
    scenarios: ['share'],
    make: () => patch(SharePersister.prototype, 'write', async () => null),
  },
};

for (const [name, { scenarios, make }] of Object.entries(mutations)) {
  test(`found: ${name}`, { timeout: 300_000 }, async (t) => {
    const undo = make();
    let found: string | undefined;
    try {
      for (let i = 0; i < MAX_RUNS && found === undefined; i++) {
        const scenario = scenarios[i % scenarios.length]!;
        const seed = 1 + Math.floor(i / scenarios.length);
        found = await run(scenarioNamed(scenario), seed).then(
          () => undefined,
          (error: unknown) => `run ${i + 1}, ${scenario} ${seed}: ${error}`,
        );
      }
    } finally {
      undo();
    }
    assert.ok(found !== undefined, `not found in ${MAX_RUNS} runs`);
    t.diagnostic(found.slice(0, 300));
  });
}
