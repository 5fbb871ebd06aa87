import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, StorageError, seededRandom, silentLogger, type Turns } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import { MemoryStorage } from '@skarab/log/testing';
import { iterateBatches } from '@skarab/records';
import { controlMessages } from '../core/control-message.ts';
import { BOOTSTRAP_SNAPSHOT_ID, snapshotName } from '../core/offset-and-epoch.ts';
import { SnapshotBatches } from '../core/snapshot-batches.ts';
import { VoterSet } from '../core/voter-set.ts';
import { MemoryRaftLog } from '../testing/memory-raft-log.ts';
import type { RaftListener } from './listener.ts';
import { RaftNode } from './raft-node.ts';
import type { RaftNodeOptions } from './raft-node-options.ts';

const DIRECTORY = '/data/__cluster_metadata-0';
const DIRECTORY_ID = 'Ze2x9l0QTEqmTUcm7IZwVA';
const ENDPOINTS = [{ name: 'CONTROLLER', host: 'localhost', port: 9093 }];
const NOW_MS = 1_700_000_000_000;

/** Writes down what it is told. */
class RecordingListener implements RaftListener {
  readonly told: string[] = [];
  nextOffset = 0;

  *handleSnapshot({ id, batches }: Parameters<RaftListener['handleSnapshot']>[0]): Turns<void> {
    const values = [...batches].flatMap((batch) => batch.values.map(textOf));
    this.told.push(`snapshot ${snapshotName(id)} [${values}]`);
  }

  // biome-ignore lint/correctness/useYield: takes no more than a turn
  *handleBatches(batches: Parameters<RaftListener['handleBatches']>[0]): Turns<void> {
    for (const { baseOffset, lastOffset, epoch, values } of batches) {
      this.told.push(`batch ${baseOffset}-${lastOffset} epoch ${epoch} [${values.map(textOf)}]`);
    }
  }

  handleHighWatermark(offset: number): void {
    this.nextOffset = offset;
    this.told.push(`committed ${offset}`);
  }

  handleLeaderChange({ leaderId, epoch }: Parameters<RaftListener['handleLeaderChange']>[0]): void {
    this.told.push(`leader ${leaderId} epoch ${epoch}`);
  }

  take(): string[] {
    return this.told.splice(0);
  }
}

/** Storage with what `format --standalone` leaves. */
function formatted(): MemoryStorage {
  const storage = new MemoryStorage();
  const batches = new SnapshotBatches(0);
  const voters = new VoterSet([
    { key: { id: 1, directoryId: DIRECTORY_ID }, endpoints: ENDPOINTS, kraftVersions: { min: 0, max: 1 } },
  ]);
  const header = batches.header({ lastContainedLogTimestampMs: 0, kraftVersion: 1, voters }, NOW_MS);
  storage.makeDirectory(DIRECTORY);
  const path = `${DIRECTORY}/${snapshotName(BOOTSTRAP_SNAPSHOT_ID)}.checkpoint`;
  storage.replaceFile(path, Buffer.concat([header, batches.footer(NOW_MS)]));
  return storage;
}

interface Setup {
  readonly node: RaftNode;
  readonly log: MemoryRaftLog;
  readonly storage: MemoryStorage;
  readonly listener: RecordingListener;
  readonly faults: Error[];
}

async function started(
  log = new MemoryRaftLog(),
  storage = formatted(),
  overrides: Partial<RaftNodeOptions> = {},
): Promise<Setup> {
  const listener = new RecordingListener();
  const faults: Error[] = [];
  const node = new RaftNode(
    {
      nodeId: 1,
      clusterId: 'JLF0a8V6T_SzU5nqDcVp5A',
      directoryId: DIRECTORY_ID,
      endpoints: ENDPOINTS,
      staticVoters: new VoterSet(),
      log,
      storage,
      directory: DIRECTORY,
      retention: { maxBytes: -1, maxMs: -1 },
      fileDeleteDelayMs: 0,
      clock: turningClock(),
      random: seededRandom(1),
      logger: silentLogger,
      onFault: (error) => faults.push(error),
      ...overrides,
    },
    listener,
  );
  await node.start();
  return { node, log, storage, listener, faults };
}

/** Stands still, but its turns are those of the event loop. */
function turningClock(): Clock {
  const clock = new ManualClock(NOW_MS);
  return { ...clockMethods(clock), soon: (callback) => void setImmediate(callback) };
}

function clockMethods(clock: ManualClock): Clock {
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    after: (delayMs, callback) => clock.after(delayMs, callback),
    soon: (callback) => clock.soon(callback),
  };
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const values = (...texts: string[]): Uint8Array[] => texts.map((text) => Buffer.from(text));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const quorumState = (storage: MemoryStorage): string => textOf(storage.readFile(`${DIRECTORY}/quorum-state`)!);

test('a formatted node elects itself and names the voters in the log', async () => {
  const { node, log, storage, listener } = await started();
  assert.deepEqual(listener.take(), ['batch 0-2 epoch 1 []', 'committed 3', 'leader 1 epoch 1']);
  assert.deepEqual(node.leader, { leaderId: 1, epoch: 1 });
  assert.deepEqual([node.highWatermark, node.kraftVersion, node.voters.ids], [3, 1, [1]]);
  assert.deepEqual(log.epochs, [{ epoch: 1, startOffset: 0 }]);
  assert.equal(
    quorumState(storage),
    '{"leaderId":1,"leaderEpoch":1,"votedId":-1,"votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAA","data_version":1}',
  );
  const types = [...iterateBatches(log.read(0, 1e6))].flatMap((batch) => [...controlMessages(batch)]);
  assert.deepEqual(
    types.map(({ offset, message }) => `${offset} ${message.type}`),
    ['0 LeaderChange', '1 KraftVersion', '2 Voters'],
  );
});

test('appends of one turn are made durable by one flush, and are committed then', async () => {
  const { node, log, listener } = await started();
  listener.take();
  log.flushesByItself = false;
  const first = node.append(1, values('a', 'b'));
  const second = node.append(1, values('c'));
  assert.deepEqual(
    [first, second].map(({ baseOffset, lastOffset, timestampMs }) => [baseOffset, lastOffset, timestampMs]),
    [
      [3, 4, NOW_MS],
      [5, 5, NOW_MS],
    ],
  );
  await turn();
  assert.equal(log.pendingFlushes, 1);
  assert.deepEqual(listener.take(), [], 'what is not durable is not committed');
  node.append(1, values('d'));
  await turn();
  assert.equal(log.pendingFlushes, 1, 'the next flush waits for this one');
  log.completeFlush();
  assert.deepEqual(listener.take(), ['committed 6']);
  log.completeFlush();
  assert.deepEqual(listener.take(), ['committed 7']);
});

test('a restarted node delivers what is committed before it leads', async () => {
  const before = await started();
  before.node.append(1, values('a', 'b'));
  before.node.append(1, values('c'));
  await before.node.close();
  const { listener, storage } = await started(before.log, before.storage);
  assert.deepEqual(listener.take(), [
    'batch 0-2 epoch 1 []',
    'batch 3-4 epoch 1 [a,b]',
    'batch 5-5 epoch 1 [c]',
    'batch 6-6 epoch 2 []',
    'committed 7',
    'leader 1 epoch 2',
  ]);
  assert.match(quorumState(storage), /"leaderEpoch":2/);
});

test('what was not durable is gone after a crash', async () => {
  const before = await started();
  before.node.append(1, values('kept'));
  await turn();
  before.log.flushesByItself = false;
  before.node.append(1, values('lost'));
  const { listener } = await started(before.log.crash(), before.storage);
  assert.deepEqual(listener.take().slice(1), [
    'batch 3-3 epoch 1 [kept]',
    'batch 4-4 epoch 2 []',
    'committed 5',
    'leader 1 epoch 2',
  ]);
});

test('only the leader of the current epoch may append', async () => {
  const { node } = await started();
  assert.throws(() => node.append(0, values('a')), /does not lead the metadata quorum in epoch 0/);
});

test('a leader that resigns is elected again in the next epoch, and is told of what it had not seen committed', async () => {
  const { node, listener } = await started();
  listener.take();
  node.append(1, values('a'));
  node.resign(1);
  assert.throws(() => node.append(1, values('b')), /does not lead/);
  await turn();
  await turn();
  assert.deepEqual(listener.take(), [
    'leader null epoch 1',
    'batch 3-3 epoch 1 [a]',
    'batch 4-4 epoch 2 []',
    'committed 5',
    'leader 1 epoch 2',
  ]);
  node.append(2, values('b'));
});

test('nothing is written when the caller cannot prepare for a batch', async () => {
  const { node, log } = await started();
  const prepare = (): void => {
    throw new Error('no');
  };
  assert.throws(() => node.append(1, values('a'), prepare), /no/);
  assert.equal(log.endOffset, 3);
  node.append(1, values('b'), ({ baseOffset }) => assert.equal(baseOffset, 3));
});

test('a failing log is reported once and takes nothing more', async () => {
  const { node, log, faults, listener } = await started();
  log.flushesByItself = false;
  node.append(1, values('a'));
  await turn();
  const error = new StorageError(DIRECTORY, 'ENOSPC', 'no space left');
  log.completeFlush(error);
  assert.deepEqual(faults, [error]);
  assert.throws(() => node.append(1, values('b')), /does not lead/);
  listener.take();
  await node.close();
  assert.deepEqual(listener.take(), []);
});

test('a snapshot stands for the log before it', async () => {
  const before = await started();
  before.node.append(1, values('a', 'b'));
  await turn();
  const builder = before.node.createSnapshot({ offset: 5, epoch: 1 }, NOW_MS)!;
  builder.append(values('x', 'y'));
  builder.append(values('z'));
  await builder.freeze();
  assert.equal(before.node.createSnapshot({ offset: 5, epoch: 1 }, NOW_MS), null, 'it exists');
  before.node.append(1, values('c'));
  await before.node.close();
  assert.deepEqual(
    before.storage.list(DIRECTORY).map(({ name }) => name),
    ['00000000000000000000-0000000000.checkpoint', '00000000000000000005-0000000001.checkpoint', 'quorum-state'],
  );
  const { node, listener } = await started(before.log, before.storage);
  assert.deepEqual(listener.take(), [
    'snapshot 00000000000000000005-0000000001 [x,y,z]',
    'batch 5-5 epoch 1 [c]',
    'batch 6-6 epoch 2 []',
    'committed 7',
    'leader 1 epoch 2',
  ]);
  assert.deepEqual([node.kraftVersion, node.voters.ids], [1, [1]], 'the snapshot names the voters');
});

test('old snapshots go with the log before them, the newest stays', async () => {
  const { node, log, storage } = await started(undefined, undefined, { retention: { maxBytes: 0, maxMs: -1 } });
  for (const text of ['a', 'b']) {
    const { lastOffset } = node.append(1, values(text));
    await turn();
    const builder = node.createSnapshot({ offset: lastOffset + 1, epoch: 1 }, NOW_MS)!;
    builder.append(values(text));
    await builder.freeze();
  }
  node.cleanUp();
  assert.equal(log.startOffset, 5);
  assert.deepEqual(
    storage.list(DIRECTORY).map(({ name }) => name),
    ['00000000000000000005-0000000001.checkpoint', 'quorum-state'],
  );
  assert.equal(node.createSnapshot({ offset: 4, epoch: 1 }, NOW_MS), null, 'the log has moved on');
});

test('a log that is behind the newest snapshot starts anew after it', async () => {
  const before = await started();
  const { lastOffset } = before.node.append(1, values('a'));
  await turn();
  const builder = before.node.createSnapshot({ offset: lastOffset + 1, epoch: 1 }, NOW_MS)!;
  builder.append(values('a'));
  await builder.freeze();
  const { listener, log } = await started(new MemoryRaftLog(), before.storage);
  assert.equal(log.startOffset, 4);
  assert.deepEqual(listener.take(), [
    'snapshot 00000000000000000004-0000000001 [a]',
    'batch 4-4 epoch 2 []',
    'committed 5',
    'leader 1 epoch 2',
  ]);
});

test('what was left of an unfinished snapshot is swept away', async () => {
  const storage = formatted();
  storage.replaceFile(`${DIRECTORY}/00000000000000000009-0000000001-77.checkpoint.part`, Buffer.from('half'));
  await started(new MemoryRaftLog(), storage);
  assert.deepEqual(
    storage.list(DIRECTORY).map(({ name }) => name),
    ['00000000000000000000-0000000000.checkpoint', 'quorum-state'],
  );
});

test('a static quorum becomes a dynamic one', async () => {
  const staticVoters = VoterSet.static('CONTROLLER', [{ id: 1, host: 'localhost', port: 9093 }]);
  const { node, storage, listener } = await started(new MemoryRaftLog(), new MemoryStorage(), { staticVoters });
  assert.equal(
    quorumState(storage),
    '{"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0}',
  );
  listener.take();
  assert.equal(node.upgradeKraftVersion(1, false), null);
  await turn();
  assert.deepEqual(listener.take(), ['batch 1-2 epoch 1 []', 'committed 3']);
  assert.equal(node.kraftVersion, 1);
  assert.deepEqual(
    [...node.voters].map(({ key }) => key),
    [{ id: 1, directoryId: DIRECTORY_ID }],
  );
});
