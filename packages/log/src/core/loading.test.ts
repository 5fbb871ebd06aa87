import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import { CorruptDataError } from '@skarab/base';
import { ErrorCode } from '@skarab/protocol';
import { openPartitionLog } from '../host/open-log.ts';
import { appendValues, batchOf, LOG_DIR, LogFixture, namesIn, readAll, START_MS } from '../testing/log-fixture.ts';
import type { PartitionLog } from './partition-log.ts';

const config = { segmentBytes: 200, indexIntervalBytes: 1 };
const producer = { producerId: 5, producerEpoch: 0 };

/** A log of ten one-record batches of one producer, two to a segment. */
async function tenRecords(): Promise<{ fixture: LogFixture; log: PartitionLog }> {
  const fixture = new LogFixture({ config });
  const log = fixture.open();
  for (let i = 0; i < 10; i++) {
    const options = { ...producer, baseSequence: i, timestamp: START_MS + i };
    log.appendAsLeader(batchOf([`v${i}`], options), { leaderEpoch: i < 5 ? 0 : 1 });
    fixture.endTurn();
  }
  await fixture.settle();
  return { fixture, log };
}

const allValues = Array.from({ length: 10 }, (_, i) => `${i}:v${i}`);

const file = (name: string): string => `${LOG_DIR}/t-0/${name}`;

/** Sends the ten batches from `first` on again: what the log answers, as error codes and offsets. */
function sendAgain(log: PartitionLog, first: number): [errorCode: number, firstOffset: number][] {
  return Array.from({ length: 10 - first }, (_, i) => {
    const options = { ...producer, baseSequence: first + i, timestamp: START_MS + first + i };
    const { errorCode, firstOffset } = log.appendAsLeader(batchOf([`v${first + i}`], options), { leaderEpoch: 1 });
    return [errorCode, firstOffset];
  });
}

const lastFive = [5, 6, 7, 8, 9].map((offset) => [0, offset]);

describe('after an orderly stop', () => {
  test('the last five batches of a producer are known as duplicates, wherever segments begin', async () => {
    const { fixture, log } = await tenRecords();
    log.complete();
    for (let stop = 0; stop < 2; stop++) {
      const reopened = fixture.open();
      assert.deepEqual(sendAgain(reopened, 5), lastFive);
      assert.deepEqual(sendAgain(reopened, 4)[0], [ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, -1]);
      assert.equal(reopened.logEndOffset, 10);
      reopened.complete();
    }
  });

  for (const position of [-1_477_055_933, 0x7fffffff, 3]) {
    test(`and so they are when an index says that a batch is at ${position}`, async () => {
      const { fixture, log } = await tenRecords();
      log.complete();
      const index = fixture.storage.file(file('00000000000000000006.index'));
      const last = Buffer.alloc(4);
      last.writeInt32BE(position);
      assert.ok(index.size() >= 8);
      index.write([last], index.size() - 4);
      assert.deepEqual(sendAgain(fixture.open(), 5), lastFive);
    });
  }

  test('of a long segment only the end is read for that', () => {
    const fixture = new LogFixture({ config: { segmentBytes: 10_000_000 } });
    const log = fixture.open();
    const big = (baseSequence: number) => batchOf(['x'.repeat(100_000)], { ...producer, baseSequence });
    for (let i = 0; i < 30; i++) {
      log.appendAsLeader(big(i), { leaderEpoch: 0 });
      fixture.endTurn();
    }
    log.complete();
    // Damage that a read from the start would meet.
    fixture.storage.file(file('00000000000000000000.log')).write([Buffer.alloc(30)], 0);
    const reopened = fixture.open();
    const again = [25, 26, 27, 28, 29].map((i) => reopened.appendAsLeader(big(i), { leaderEpoch: 0 }));
    assert.deepEqual(
      again.map(({ isDuplicate, firstOffset }) => [isDuplicate, firstOffset]),
      [25, 26, 27, 28, 29].map((offset) => [true, offset]),
    );
  });

  test('batches of the epoch before are not among them', async () => {
    const { fixture, log } = await tenRecords();
    appendValues(fixture, log, ['a'], { ...producer, producerEpoch: 1, baseSequence: 0 });
    log.complete();
    const reopened = fixture.open();
    assert.deepEqual(sendAgain(reopened, 9), [[ErrorCode.INVALID_PRODUCER_EPOCH, -1]]);
    const again = appendValues(fixture, reopened, ['a'], { ...producer, producerEpoch: 1, baseSequence: 0 });
    assert.deepEqual([again.isDuplicate, again.firstOffset], [true, 10]);
  });

  test('nor are those from before the log had forgotten the producer: their sequence numbers may come anew', async () => {
    const { fixture, log } = await tenRecords();
    log.complete();
    for (const name of namesIn(fixture.storage, log.directory)) {
      if (name.endsWith('.snapshot')) fixture.storage.delete(file(name));
    }
    const forgetful = fixture.open();
    assert.deepEqual(forgetful.activeProducers(), []);
    for (const i of [6, 7]) appendValues(fixture, forgetful, [`w${i}`], { ...producer, baseSequence: i });
    forgetful.complete();
    const reopened = fixture.open();
    const { isDuplicate, firstOffset } = appendValues(fixture, reopened, ['w8'], { ...producer, baseSequence: 8 });
    assert.deepEqual([isDuplicate, firstOffset], [false, 12]);
  });

  test('where a segment is damaged, what is known of the others is enough', async () => {
    const { fixture, log } = await tenRecords();
    log.complete();
    fixture.storage.file(file('00000000000000000006.log')).write([Buffer.alloc(30)], 0);
    assert.deepEqual(sendAgain(fixture.open(), 8), lastFive.slice(3));
  });

  test('a log is as it was', async () => {
    const { fixture, log } = await tenRecords();
    log.complete();
    const reopened = fixture.open();
    assert.deepEqual(readAll(reopened), allValues);
    assert.deepEqual(reopened.activeProducers(), log.activeProducers());
    assert.deepEqual(reopened.epochEntries, log.epochEntries);
    assert.deepEqual([reopened.recoveryPoint, reopened.segmentBaseOffsets], [10, log.segmentBaseOffsets]);
    assert.equal(appendValues(fixture, reopened, ['v10'], { ...producer, baseSequence: 10 }).firstOffset, 10);
  });

  test('nothing of the segments is read but the end of the last one', async () => {
    const { fixture, log } = await tenRecords();
    log.complete();
    for (const base of log.segmentBaseOffsets.slice(0, -1)) {
      fixture.storage.file(file(`${String(base).padStart(20, '0')}.log`)).write([Buffer.alloc(30)], 0);
    }
    assert.equal(fixture.open().logEndOffset, 10);
  });

  test('a segment without an index is recovered', async () => {
    const { fixture, log } = await tenRecords();
    log.complete();
    const index = file('00000000000000000004.index');
    const before = Buffer.from(fixture.storage.readFile(index)!);
    fixture.storage.delete(index);
    fixture.storage.delete(file('00000000000000000004.timeindex'));
    const reopened = fixture.open();
    assert.deepEqual(Buffer.from(fixture.storage.readFile(index)!), before);
    assert.deepEqual(readAll(reopened), allValues);
    assert.equal(reopened.offsetForTimestamp(START_MS + 5)?.offset, 5);
  });

  test('an index without its segment goes', async () => {
    const { fixture, log } = await tenRecords();
    log.complete();
    fixture.storage.file(file('00000000000000000099.index')).write([Buffer.alloc(8)], 0);
    fixture.open();
    assert.ok(!namesIn(fixture.storage, log.directory).includes('00000000000000000099.index'));
  });

  test('a start offset is kept, and a log that ends before it begins anew', async () => {
    const { fixture, log } = await tenRecords();
    log.complete();
    const reopened = fixture.open({ logStartOffset: 5 });
    assert.deepEqual([reopened.logStartOffset, reopened.highWatermark], [5, 5]);
    assert.deepEqual(reopened.epochEntries, [{ epoch: 1, startOffset: 5 }]);
    const anew = fixture.open({ logStartOffset: 50 });
    assert.deepEqual([anew.logStartOffset, anew.logEndOffset, anew.segmentBaseOffsets], [50, 50, [50]]);
  });
});

describe('after an unclean stop', () => {
  test('the last five batches of a producer are known as duplicates, wherever segments begin', async () => {
    const { fixture } = await tenRecords();
    assert.deepEqual(sendAgain(fixture.open({ isClean: false }), 5), lastFive);
  });

  test('the last five batches of a producer are known as duplicates, as before the stop, also after a second one', async () => {
    const fixture = new LogFixture({ config: { segmentBytes: 1_000_000 } });
    const log = fixture.open();
    const batch = (i: number) => batchOf([`v${i}`], { ...producer, baseSequence: i, timestamp: START_MS + i });
    for (let i = 0; i < 10; i++) {
      log.appendAsLeader(batch(i), { leaderEpoch: 0 });
      fixture.endTurn();
    }
    await fixture.settle();
    for (let stop = 0; stop < 2; stop++) {
      const reopened = fixture.open({ isClean: false });
      for (let i = 5; i < 10; i++) {
        const { errorCode, firstOffset } = reopened.appendAsLeader(batch(i), { leaderEpoch: 0 });
        assert.deepEqual([errorCode, firstOffset], [0, i], `batch ${i}`);
      }
      assert.equal(reopened.logEndOffset, 10);
    }
  });

  test('a torn end is cut off, and producers and epochs are those of what is left', async () => {
    const { fixture, log } = await tenRecords();
    const last = fixture.storage.file(file('00000000000000000008.log'));
    last.truncate(last.size() - 10);
    const progress: number[] = [];
    const reopened = await openPartitionLog(fixture.host, `${LOG_DIR}/t-0`, {
      config: log.config,
      isClean: false,
      recoveryPoint: 4,
      onProgress: (left) => progress.push(left),
    });
    assert.deepEqual(progress, [3, 2, 1]);
    assert.deepEqual(readAll(reopened), allValues.slice(0, 9));
    assert.deepEqual(
      reopened.activeProducers().map((p) => [p.producerId, p.lastSequence, p.lastDataOffset]),
      [[5, 8, 8]],
    );
    assert.deepEqual([reopened.recoveryPoint, reopened.epochEntries.length], [4, 2]);
    assert.equal(appendValues(fixture, reopened, ['again'], { ...producer, baseSequence: 9 }).firstOffset, 9);
  });

  test('after a broken batch in the middle everything later goes', async () => {
    const { fixture } = await tenRecords();
    fixture.storage.file(file('00000000000000000004.log')).write([Buffer.from([0xff])], 70);
    const reopened = fixture.open({ isClean: false });
    assert.deepEqual([reopened.logEndOffset, reopened.segmentBaseOffsets], [4, [0, 2, 4]]);
    assert.deepEqual(readAll(reopened), allValues.slice(0, 4));
    assert.equal(appendValues(fixture, reopened, ['again'], { ...producer, baseSequence: 4 }).firstOffset, 4);
    assert.deepEqual(readAll(reopened).at(-1), '4:again');
  });

  test('a segment whose offsets go back is emptied', async () => {
    const { fixture } = await tenRecords();
    const last = fixture.storage.file(file('00000000000000000008.log'));
    const bytes = fixture.storage.readFile(last.path)!.slice();
    last.write([bytes], bytes.length);
    const reopened = fixture.open({ isClean: false });
    assert.deepEqual([reopened.logEndOffset, readAll(reopened)], [8, allValues.slice(0, 8)]);
  });

  test('a batch whose base offset went back ends the log', async () => {
    const { fixture } = await tenRecords();
    fixture.storage.file(file('00000000000000000008.log')).write([Buffer.from([0])], 7);
    const reopened = fixture.open({ isClean: false });
    assert.deepEqual([reopened.logEndOffset, readAll(reopened)], [8, allValues.slice(0, 8)]);
  });

  test('a batch turned into a message of the oldest format ends the log', async () => {
    const { fixture } = await tenRecords();
    fixture.storage.file(file('00000000000000000008.log')).write([Buffer.from([0])], 16);
    const reopened = fixture.open({ isClean: false });
    assert.deepEqual([reopened.logEndOffset, readAll(reopened)], [8, allValues.slice(0, 8)]);
  });

  for (const [what, rest] of [
    ['less than a header', Buffer.alloc(7, 0x5a)],
    ['a header that promises more', Buffer.alloc(100, 0x5a)],
  ] as const) {
    test(`behind an orderly stop, ${what} is cut off`, async () => {
      const { fixture } = await tenRecords();
      const last = fixture.storage.file(file('00000000000000000008.log'));
      const size = fixture.storage.status(last.path)!.size;
      last.write([rest], size);
      const reopened = fixture.open({ isClean: true });
      assert.deepEqual(readAll(reopened), allValues);
      assert.equal(fixture.storage.status(last.path)!.size, size);
      appendValues(fixture, reopened, ['again'], { ...producer, baseSequence: 10 });
      assert.deepEqual(readAll(reopened).at(-1), '10:again');
    });
  }

  test('indexes that lie are built anew', async () => {
    const { fixture } = await tenRecords();
    const names = namesIn(fixture.storage, `${LOG_DIR}/t-0`).filter((name) => name.endsWith('index'));
    for (const name of names) fixture.storage.file(file(name)).write([Buffer.alloc(96, 0x11)], 0);
    const reopened = fixture.open({ isClean: false });
    assert.deepEqual(readAll(reopened), allValues);
    assert.deepEqual(
      [3, 4, 5].map((ms) => reopened.offsetForTimestamp(START_MS + ms)?.offset),
      [3, 4, 5],
    );
  });

  test('a preallocated file ends where its batches do', async () => {
    const fixture = new LogFixture({ config: { segmentBytes: 5000, preallocate: true } });
    const log = fixture.open();
    appendValues(fixture, log, ['a']);
    assert.equal(fixture.storage.status(file('00000000000000000000.log'))?.size, 5000);
    const size = log.size;
    const reopened = fixture.open({ isClean: false });
    assert.deepEqual([reopened.logEndOffset, reopened.size], [1, size]);
    assert.equal(fixture.storage.status(file('00000000000000000000.log'))?.size, size);
  });

  test('lost leader epochs are read from the batches', async () => {
    const { fixture, log } = await tenRecords();
    fixture.storage.replaceFile(file('leader-epoch-checkpoint'), Buffer.from('0\n7\n'));
    assert.deepEqual(fixture.open().epochEntries, log.epochEntries);
  });

  test('a topic id is refused when the folder has another', () => {
    const fixture = new LogFixture();
    fixture.open({ topicId: '5L6g3nShT-eMCtK--X86sw' });
    assert.equal(fixture.open().topicId, '5L6g3nShT-eMCtK--X86sw');
    assert.throws(() => fixture.open({ topicId: 'JXLYZ-GOTsmMHCIfpWTMOQ' }), CorruptDataError);
  });
});

describe('what a crash of compaction leaves', () => {
  const rename = (fixture: LogFixture, from: string, to: string): void => {
    for (const suffix of ['.log', '.index', '.timeindex']) {
      fixture.storage.rename(file(from.replace('*', suffix)), file(to.replace('*', suffix)));
    }
  };

  test('.deleted and .cleaned files go', async () => {
    const { fixture, log } = await tenRecords();
    log.complete();
    rename(fixture, '00000000000000000000*', '00000000000000000000*.deleted');
    rename(fixture, '00000000000000000008*', '00000000000000000008*.cleaned');
    const reopened = fixture.open();
    assert.deepEqual(reopened.segmentBaseOffsets, [2, 4, 6]);
    assert.deepEqual(
      namesIn(fixture.storage, log.directory).filter((name) => /(deleted|cleaned)$/.test(name)),
      [],
    );
  });

  test('.swap files take the place of the segments that they replace', async () => {
    const { fixture, log } = await tenRecords();
    log.complete();
    rename(fixture, '00000000000000000002*', '00000000000000000002*.swap');
    const name = file('00000000000000000002.log.swap');
    const merged = [2, 4].map((base) =>
      Buffer.from(fixture.storage.readFile(base === 2 ? name : file('00000000000000000004.log'))!),
    );
    fixture.storage.replaceFile(name, Buffer.concat(merged));
    const reopened = fixture.open();
    assert.deepEqual(reopened.segmentBaseOffsets, [0, 2, 6, 8]);
    assert.deepEqual(readAll(reopened), allValues);
  });

  test('.swap files of an exchange that was not complete go', async () => {
    const { fixture, log } = await tenRecords();
    log.complete();
    for (const suffix of ['.log.swap', '.index.swap']) {
      fixture.storage.replaceFile(file(`00000000000000000004${suffix}`), Buffer.alloc(0));
    }
    fixture.storage.replaceFile(file('00000000000000000002.log.cleaned'), Buffer.alloc(0));
    const reopened = fixture.open();
    assert.deepEqual(readAll(reopened), allValues);
  });
});

test('a topic id that a loss of power has cut off is unknown; one that is damaged is not taken for that', () => {
  const fixture = new LogFixture();
  const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ';
  fixture.open({ topicId }).abandon();
  const path = `${LOG_DIR}/t-0/partition.metadata`;
  const whole = Buffer.from(fixture.storage.readFile(path)!);
  for (const length of [0, 1, 10, 25, whole.length - 1]) {
    fixture.storage.replaceFile(path, whole.subarray(0, length));
    const log = fixture.open();
    assert.equal(log.topicId, null, `${length} bytes`);
    assert.equal(log.assignTopicId(topicId), true);
    log.abandon();
  }
  fixture.storage.replaceFile(path, Buffer.from('version: 7\n'));
  assert.throws(() => fixture.open(), CorruptDataError);
});
