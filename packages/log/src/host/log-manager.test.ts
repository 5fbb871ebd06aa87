import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, test } from 'node:test';
import { StateError, StorageError, seededRandom } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import { defaultLogConfig, type LogConfig } from '../core/log-config.ts';
import { encodeMetaProperties } from '../core/meta-properties.ts';
import { FaultyStorage } from '../testing/faulty-storage.ts';
import { batchOf, namesIn, readAll, readValues, START_MS } from '../testing/log-fixture.ts';
import { LogManager } from './log-manager.ts';
import type { LogManagerOptions } from './log-manager-options.ts';

const IDS = { a: '5L6g3nShT-eMCtK--X86sw', b: 'JXLYZ-GOTsmMHCIfpWTMOQ' };

class Fixture {
  readonly clock = new ManualClock(START_MS);
  readonly storage = new FaultyStorage(seededRandom(2), { nowMs: () => this.clock.nowMs() });
  readonly failures: string[] = [];
  config: LogConfig = defaultLogConfig;

  constructor() {
    for (const [name, directoryId] of Object.entries(IDS)) {
      this.storage.makeDirectory(`/${name}`);
      const meta = encodeMetaProperties({ version: 1, clusterId: 'c', nodeId: 1, directoryId }, 'now');
      this.storage.replaceFile(`/${name}/meta.properties`, meta);
    }
  }

  open(options: Partial<LogManagerOptions> = {}): Promise<LogManager> {
    return LogManager.open({
      storage: this.storage.attach(),
      clock: this.clock,
      random: seededRandom(3),
      logDirs: ['/a'],
      configFor: () => this.config,
      tailCacheBytes: 0,
      onLogDirFailure: (logDir, error) => this.failures.push(`${logDir} ${error.errno}`),
      ...options,
    });
  }

  append(manager: LogManager, topic: string, partition: number, ...values: string[]): void {
    const log = manager.getOrCreate({ topic, partition });
    for (const value of values) log.appendAsLeader(batchOf([value]), { leaderEpoch: 0 });
    this.clock.runSoon();
  }

  text(path: string): string {
    return Buffer.from(this.storage.readFile(path) ?? []).toString();
  }

  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      this.clock.runSoon();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

const at = (topic: string, partition = 0) => ({ topic, partition });

describe('a log manager', () => {
  test('makes logs, finds them again after an orderly stop, and leaves what is needed for that', async () => {
    const fixture = new Fixture();
    const manager = await fixture.open();
    const log = manager.getOrCreate(at('t', 1), { topicId: IDS.b });
    assert.equal(manager.getOrCreate(at('t', 1)), log);
    fixture.append(manager, 't', 1, 'x', 'y');
    fixture.append(manager, 'u', 0, 'z');
    log.updateHighWatermark(2);
    log.maybeIncrementLogStartOffset(1);
    await manager.close(17);
    assert.equal(fixture.text('/a/.kafka_cleanshutdown'), '{"version":0,"brokerEpoch":17}');
    assert.equal(fixture.text('/a/recovery-point-offset-checkpoint'), '0\n2\nt 1 2\nu 0 1\n');
    assert.equal(fixture.text('/a/log-start-offset-checkpoint'), '0\n1\nt 1 1\n');
    assert.equal(fixture.text('/a/replication-offset-checkpoint'), '0\n2\nt 1 2\nu 0 0\n');
    fixture.storage.crash();
    const again = await fixture.open();
    assert.equal(again.previousBrokerEpoch, 17);
    assert.equal(fixture.storage.status('/a/.kafka_cleanshutdown'), null);
    const reopened = again.get(at('t', 1))!;
    assert.deepEqual(
      [reopened.topicId, reopened.logStartOffset, reopened.highWatermark, reopened.recoveryPoint, readValues(reopened)],
      [IDS.b, 1, 2, 2, ['1:y']],
    );
    assert.deepEqual(
      again.logs().map((found) => found.name),
      ['t-1', 'u-0'],
    );
    await again.close();
  });

  test('recovers after an unclean stop from the checkpointed recovery points', async () => {
    const fixture = new Fixture();
    fixture.config = { ...defaultLogConfig, segmentBytes: 200 };
    const manager = await fixture.open();
    fixture.append(manager, 't', 0, 'a', 'b', 'c', 'd', 'e');
    await manager.host.flushed(manager.get(at('t'))!);
    await manager.checkpoint();
    fixture.append(manager, 't', 0, 'f');
    fixture.storage.crash();
    const progress: [number, number, number][] = [];
    const again = await fixture.open({
      onProgress: ({ logsLoaded, logCount, segmentsLeft }) => progress.push([logsLoaded, logCount, segmentsLeft]),
    });
    assert.deepEqual(progress, [
      [0, 1, 1],
      [1, 1, 0],
    ]);
    const log = again.get(at('t'))!;
    assert.equal(log.recoveryPoint, 5);
    assert.ok(log.logEndOffset >= 5);
    assert.equal(again.previousBrokerEpoch, null);
    await again.close();
  });

  test('sets deleted logs aside and removes them later', async () => {
    const fixture = new Fixture();
    const manager = await fixture.open();
    fixture.append(manager, 't', 0, 'a');
    const log = manager.get(at('t'))!;
    assert.equal(manager.delete(at('t')), true);
    assert.equal(manager.delete(at('t')), false);
    assert.throws(() => readValues(log), StorageError);
    assert.match(log.directory, /^\/a\/t-0\.[0-9a-f]{32}-delete$/);
    await fixture.settle();
    assert.equal(fixture.text('/a/recovery-point-offset-checkpoint'), '0\n0\n');
    assert.equal(manager.getOrCreate(at('t')).logEndOffset, 0);
    fixture.clock.advance(60_000);
    await fixture.settle();
    assert.deepEqual(
      namesIn(fixture.storage, '/a').filter((name) => name.startsWith('t-')),
      ['t-0'],
    );
    manager.delete(at('t'));
    await manager.close();
    const again = await fixture.open();
    assert.deepEqual(again.logs(), []);
    fixture.clock.advance(60_000);
    await fixture.settle();
    assert.deepEqual(
      namesIn(fixture.storage, '/a').filter((name) => name.startsWith('t-')),
      [],
    );
  });

  test('spreads logs over directories, as wished and as cordoned', async () => {
    const fixture = new Fixture();
    const manager = await fixture.open({ logDirs: ['/a', '/b'] });
    const where = (partition: number, directory?: string): string =>
      manager.getOrCreate(at('t', partition), directory === undefined ? {} : { directory }).logDir;
    assert.deepEqual([where(0), where(1), where(2, IDS.b), where(3), where(4, '/b')], ['/a', '/b', '/b', '/a', '/b']);
    manager.cordon(['/a']);
    assert.equal(where(5), '/b');
    manager.cordon(['/a', '/b']);
    assert.equal(where(6), '/a');
    assert.deepEqual(manager.directories(), [
      { path: '/a', id: IDS.a, isOnline: true },
      { path: '/b', id: IDS.b, isOnline: true },
    ]);
    assert.deepEqual([manager.directoryIds(), manager.directoryId('/b')], [[IDS.a, IDS.b], IDS.b]);
    await manager.close();
  });

  test('moves a log to another directory', async () => {
    const fixture = new Fixture();
    const manager = await fixture.open({ logDirs: ['/a', '/b'] });
    fixture.append(manager, 't', 0, 'a', 'b');
    const current = manager.get(at('t'))!;
    current.updateHighWatermark(2);
    assert.throws(() => manager.createFuture(at('t'), '/a'), StateError);
    const future = manager.createFuture(at('t'), IDS.b);
    assert.equal(future.isFuture, true);
    const { records } = current.read({ startOffset: 0, maxBytes: 10_000, minOneMessage: true, upperBound: 'logEnd' });
    future.appendAsFollower(Buffer.from(records as Uint8Array), { leaderEpoch: 0 });
    fixture.clock.runSoon();
    assert.equal(manager.replaceCurrentWithFuture(at('t')), future);
    assert.deepEqual([future.directory, future.isFuture, future.highWatermark], ['/b/t-0', false, 2]);
    assert.equal(manager.get(at('t')), future);
    assert.deepEqual(readValues(future), ['0:a', '1:b']);
    fixture.append(manager, 't', 0, 'c');
    await manager.close();
    const again = await fixture.open({ logDirs: ['/a', '/b'] });
    assert.deepEqual(readValues(again.get(at('t'))!), ['0:a', '1:b', '2:c']);
    assert.equal(again.getFuture(at('t')), undefined);
    await again.close();
  });

  test('goes on without a directory that fails', async () => {
    const fixture = new Fixture();
    const manager = await fixture.open({ logDirs: ['/a', '/b'] });
    manager.getOrCreate(at('t', 0), { directory: '/a' });
    manager.getOrCreate(at('t', 1), { directory: '/b' });
    await fixture.settle();
    fixture.storage.fail({ operation: 'write', path: '/a/t-0', errno: 'EIO' });
    fixture.append(manager, 't', 0, 'x');
    fixture.append(manager, 't', 1, 'y');
    assert.deepEqual(fixture.failures, ['/a EIO']);
    assert.deepEqual([manager.get(at('t', 0)), manager.onlineDirectories()], [undefined, ['/b']]);
    assert.deepEqual([manager.directoryIds(), manager.offlineDirectoryIds()], [[IDS.b], [IDS.a]]);
    assert.deepEqual(readValues(manager.get(at('t', 1))!), ['0:y']);
    assert.throws(() => manager.getOrCreate(at('t', 0)), StorageError);
    assert.equal(manager.getOrCreate(at('t', 2), { isNew: true }).logDir, '/b');
    await manager.close();
    assert.equal(fixture.storage.status('/a/.kafka_cleanshutdown'), null);
  });

  test('starts without a directory that cannot be loaded, not without any', async () => {
    const fixture = new Fixture();
    const manager = await fixture.open({ logDirs: ['/a', '/b'] });
    manager.getOrCreate(at('t', 0), { directory: '/a' });
    await manager.close();
    fixture.storage.fail({ operation: 'read', path: '/a/t-0', errno: 'EIO' });
    const again = await fixture.open({ logDirs: ['/a', '/b'] });
    await fixture.settle();
    assert.deepEqual([again.onlineDirectories(), fixture.failures], [['/b'], ['/a EIO']]);
    await again.close();
    fixture.storage.fail({ operation: 'read', path: '/a', errno: 'EIO', times: 100 });
    await assert.rejects(fixture.open(), StorageError);
  });

  test('keeps others out, ignores what is no log, and sets strays aside', async () => {
    const fixture = new Fixture();
    const manager = await fixture.open();
    await assert.rejects(fixture.open(), StateError);
    manager.getOrCreate(at('stray'));
    manager.getOrCreate(at('kept'));
    fixture.storage.makeDirectory('/a/lost+found');
    fixture.storage.makeDirectory('/a/__cluster_metadata-0');
    await manager.close();
    const again = await fixture.open({ isStray: (log) => log.topicPartition.topic === 'stray' });
    assert.deepEqual(
      again.logs().map((log) => log.name),
      ['kept-0'],
    );
    assert.deepEqual(
      again.strayLogs().map((log) => log.name),
      ['stray-0'],
    );
    assert.ok(namesIn(fixture.storage, '/a').some((name) => /^stray-0\.\w+-stray$/.test(name)));
    await again.close();
  });

  test('looks after retention, flushes, checkpoints and producers', async () => {
    const fixture = new Fixture();
    fixture.config = { ...defaultLogConfig, retentionMs: 100_000, flushMs: 2000 };
    const manager = await fixture.open();
    fixture.append(manager, 't', 0, 'a', 'b');
    const log = manager.get(at('t'))!;
    log.updateHighWatermark(2);
    for (let i = 0; i < 6; i++) {
      fixture.clock.advance(1000);
      await fixture.settle();
    }
    assert.equal(log.recoveryPoint, 2);
    assert.equal(fixture.text('/a/replication-offset-checkpoint'), '0\n1\nt 0 2\n');
    for (let i = 0; i < 20; i++) {
      fixture.clock.advance(30_000);
      await fixture.settle();
    }
    assert.deepEqual([log.logStartOffset, log.size], [2, 0]);
    assert.equal(fixture.text('/a/recovery-point-offset-checkpoint'), '0\n1\nt 0 2\n');
    await manager.close();
  });

  test('writes the recovery point down at once when a log is cut', async () => {
    const fixture = new Fixture();
    const manager = await fixture.open();
    fixture.append(manager, 't', 0, 'a', 'b');
    const log = manager.get(at('t'))!;
    await manager.host.flushed(log);
    await manager.checkpoint();
    log.truncateTo(1);
    await fixture.settle();
    assert.equal(fixture.text('/a/recovery-point-offset-checkpoint'), '0\n1\nt 0 1\n');
    await manager.close();
  });
});

describe('compaction in a log manager', () => {
  test('keeps the last value of each key, and is remembered', async () => {
    const fixture = new Fixture();
    fixture.config = {
      ...defaultLogConfig,
      compact: true,
      delete: false,
      segmentBytes: 200,
      minCleanableDirtyRatio: 0,
    };
    const manager = await fixture.open();
    fixture.append(manager, 't', 0, 'a', 'b', 'a', 'a', 'b', 'c', 'd');
    const log = manager.get(at('t'))!;
    log.updateHighWatermark(7);
    fixture.clock.advance(15_000);
    await fixture.settle();
    // The last batch of what was cleaned stays, and the active segment is not touched.
    assert.deepEqual(readAll(log), ['3:a', '4:b', '5:c', '6:d']);
    await manager.close();
    assert.equal(fixture.text('/a/cleaner-offset-checkpoint'), '0\n1\nt 0 6\n');
  });
});
