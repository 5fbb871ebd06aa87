import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import { StorageError, seededRandom } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import { ErrorCode } from '@skarab/protocol';
import { FaultyStorage } from '../testing/faulty-storage.ts';
import { appendValues, batchOf, LOG_DIR, LogFixture, readValues, START_MS } from '../testing/log-fixture.ts';
import { closePartitionLog } from './open-log.ts';

function faulty(config = {}): { fixture: LogFixture; storage: FaultyStorage } {
  const clock = new ManualClock(START_MS);
  const storage = new FaultyStorage(seededRandom(1), { nowMs: () => clock.nowMs() });
  return { fixture: new LogFixture({ storage: storage.attach(), clock, config }), storage };
}

describe('writing', () => {
  test('logs of one turn are written together, each once', () => {
    const fixture = new LogFixture();
    const [a, b] = [fixture.open(), fixture.open({}, 'u-3')];
    a.appendAsLeader(batchOf(['1']), { leaderEpoch: 0 });
    b.appendAsLeader(batchOf(['2']), { leaderEpoch: 0 });
    a.appendAsLeader(batchOf(['3']), { leaderEpoch: 0 });
    fixture.endTurn();
    assert.deepEqual(fixture.appended, ['t-0:2', 'u-3:1']);
  });

  test('much is written when its caller is through, without waiting for the end of the turn', async () => {
    const fixture = new LogFixture();
    const [a, b] = [fixture.open(), fixture.open({}, 'u-3')];
    const large = 'x'.repeat(100_000);
    a.appendAsLeader(batchOf([large]), { leaderEpoch: 0 });
    await Promise.resolve();
    assert.deepEqual(fixture.appended, []);
    b.appendAsLeader(batchOf([large]), { leaderEpoch: 0 });
    b.appendAsLeader(batchOf(['small']), { leaderEpoch: 0 });
    assert.deepEqual(fixture.appended, []);
    await Promise.resolve();
    assert.deepEqual(fixture.appended, ['t-0:1', 'u-3:2']);
    fixture.endTurn();
    assert.equal(fixture.appended.length, 2);
  });

  test('appends from within a listener are written in the next turn', () => {
    const fixture = new LogFixture();
    const log = fixture.open();
    fixture.host.listener = {
      onAppended: (appended) => {
        fixture.appended.push(`${appended.logEndOffset}`);
        if (appended.logEndOffset < 3) appended.appendAsLeader(batchOf(['more']), { leaderEpoch: 0 });
      },
    };
    appendValues(fixture, log, ['first']);
    assert.deepEqual(fixture.appended, ['1', '2', '3']);
  });

  test('a failed write takes the directory offline and shows nothing', async () => {
    const { fixture, storage } = faulty();
    const [log, other] = [fixture.open(), fixture.open({}, 'u-0')];
    appendValues(fixture, log, ['a']);
    await fixture.settle();
    fixture.appended.length = 0;
    storage.fail({ operation: 'write', path: '.log', errno: 'EIO' });
    log.appendAsLeader(batchOf(['b']), { leaderEpoch: 0 });
    other.appendAsLeader(batchOf(['c']), { leaderEpoch: 0 });
    fixture.endTurn();
    assert.deepEqual(fixture.failures, [{ logDir: LOG_DIR, errno: 'EIO' }]);
    assert.deepEqual([fixture.appended, log.logEndOffset, other.logEndOffset], [[], 1, 0]);
    const isOffline = (error: unknown): boolean => error instanceof StorageError && error.errno === 'OFFLINE';
    assert.throws(() => log.appendAsLeader(batchOf(['d']), { leaderEpoch: 0 }), isOffline);
    assert.throws(() => readValues(log), isOffline);
    fixture.clock.advance(1_000_000);
    await fixture.settle();
    assert.equal(fixture.failures.length, 1);
  });

  test('a full disk that cannot make a new segment refuses by going offline, after a torn write too', async () => {
    const { fixture, storage } = faulty();
    const log = fixture.open();
    appendValues(fixture, log, ['a']);
    await fixture.settle();
    storage.fill(30);
    appendValues(fixture, log, ['b']);
    assert.deepEqual(fixture.failures, [{ logDir: LOG_DIR, errno: 'ENOSPC' }]);
    storage.heal();
    const again = new LogFixture({ storage: storage.attach(), clock: fixture.clock });
    assert.deepEqual(readValues(again.open({ isClean: false })), ['0:a']);
  });
});

describe('flushing', () => {
  test('moves the recovery point to what was appended before', async () => {
    const { fixture } = faulty();
    const log = fixture.open();
    appendValues(fixture, log, ['a', 'b']);
    const results: (StorageError | null)[] = [];
    log.appendAsLeader(batchOf(['staged']), { leaderEpoch: 0 });
    log.flush((error) => results.push(error));
    log.flush((error) => results.push(error));
    assert.deepEqual([results.length, log.recoveryPoint], [0, 0]);
    await fixture.settle();
    assert.deepEqual([results, log.recoveryPoint, log.logEndOffset], [[null, null], 3, 3]);
    assert.deepEqual(fixture.appended, ['t-0:2', 't-0:3']);
  });

  test('an old segment is flushed when a new one begins', async () => {
    const { fixture } = faulty({ segmentBytes: 200 });
    const log = fixture.open();
    for (const value of ['a', 'b', 'c']) appendValues(fixture, log, [value]);
    await fixture.settle();
    assert.deepEqual([log.segmentBaseOffsets, log.recoveryPoint], [[0, 2], 2]);
  });

  test('with flush.messages records are seen when they are durable', async () => {
    const { fixture } = faulty({ flushMessages: 2 });
    const log = fixture.open();
    appendValues(fixture, log, ['a']);
    assert.deepEqual([log.logEndOffset, log.recoveryPoint], [1, 0]);
    appendValues(fixture, log, ['b']);
    assert.deepEqual([log.logEndOffset, readValues(log)], [1, ['0:a']]);
    appendValues(fixture, log, ['c']);
    await fixture.settle();
    assert.deepEqual([log.logEndOffset, log.recoveryPoint], [3, 3]);
    assert.deepEqual(fixture.appended, ['t-0:1', 't-0:2', 't-0:3']);
  });

  test('with flush.messages=1 nothing that was seen is lost in a crash', async () => {
    const { fixture, storage } = faulty({ flushMessages: 1 });
    const log = fixture.open();
    for (const value of ['a', 'b', 'c']) {
      log.appendAsLeader(batchOf([value]), { leaderEpoch: 0 });
      await fixture.settle();
    }
    assert.equal(log.logEndOffset, 3);
    storage.crash();
    const again = new LogFixture({ storage: storage.attach(), clock: fixture.clock });
    assert.deepEqual(readValues(again.open({ isClean: false })), ['0:a', '1:b', '2:c']);
  });

  test('a sync that began before the log was cut proves nothing', async () => {
    const { fixture } = faulty();
    const log = fixture.open();
    appendValues(fixture, log, ['a']);
    appendValues(fixture, log, ['b']);
    log.flush();
    log.truncateTo(1);
    appendValues(fixture, log, ['other']);
    await fixture.settle();
    assert.equal(log.recoveryPoint, 0);
    log.flush();
    await fixture.settle();
    assert.equal(log.recoveryPoint, 2);
  });

  test('a failed sync takes the directory offline and tells who waits', async () => {
    const { fixture, storage } = faulty();
    const log = fixture.open();
    appendValues(fixture, log, ['a']);
    await fixture.settle();
    storage.fail({ operation: 'sync', path: '.log', errno: 'EIO' });
    await assert.rejects(fixture.host.flushed(log), (error) => error instanceof StorageError && error.errno === 'EIO');
    await fixture.settle();
    assert.deepEqual([fixture.failures, log.recoveryPoint], [[{ logDir: LOG_DIR, errno: 'EIO' }], 0]);
  });

  test('after a failed sync no later one pretends that all is well', async () => {
    const { fixture, storage } = faulty({ segmentBytes: 200 });
    const log = fixture.open();
    appendValues(fixture, log, ['a']);
    await fixture.settle();
    storage.fail({ operation: 'sync', path: '.log', errno: 'EIO' });
    log.roll();
    const later = fixture.host.flushed(log);
    await assert.rejects(later, StorageError);
    assert.equal(log.recoveryPoint, 0);
  });

  test('leader epochs are durable before the recovery point passes them', async () => {
    const { fixture, storage } = faulty();
    const log = fixture.open();
    for (const leaderEpoch of [0, 3, 7]) {
      log.appendAsLeader(batchOf(['x']), { leaderEpoch });
      fixture.endTurn();
    }
    await fixture.host.flushed(log);
    assert.equal(
      Buffer.from(storage.readFile(`${LOG_DIR}/t-0/leader-epoch-checkpoint`)!).toString(),
      '0\n3\n0 0\n3 1\n7 2\n',
    );
  });

  test('leader epochs that nobody waits for are written a second later, all at once', async () => {
    const { fixture, storage } = faulty();
    const log = fixture.open();
    const path = `${LOG_DIR}/t-0/leader-epoch-checkpoint`;
    for (const leaderEpoch of [0, 3]) {
      log.appendAsLeader(batchOf(['x']), { leaderEpoch });
      fixture.endTurn();
    }
    fixture.clock.advance(999);
    await fixture.settle();
    assert.equal(storage.readFile(path), null);
    fixture.clock.advance(1);
    await fixture.settle();
    assert.equal(Buffer.from(storage.readFile(path)!).toString(), '0\n2\n0 0\n3 1\n');
  });

  test('a closed log needs no recovery', async () => {
    const { fixture, storage } = faulty();
    const log = fixture.open();
    appendValues(fixture, log, ['a'], { producerId: 1, producerEpoch: 0, baseSequence: 0 });
    await closePartitionLog(fixture.host, log);
    await closePartitionLog(fixture.host, log);
    storage.crash();
    const again = new LogFixture({ storage: storage.attach(), clock: fixture.clock });
    const reopened = again.open({ isClean: true });
    assert.deepEqual([readValues(reopened), reopened.producerIdCount, reopened.recoveryPoint], [['0:a'], 1, 1]);
    assert.equal(reopened.maybeIncrementLogStartOffset(1), ErrorCode.OFFSET_OUT_OF_RANGE);
  });
});
