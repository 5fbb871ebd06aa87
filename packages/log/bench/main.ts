/**
 * How fast the log is on this machine: `node packages/log/bench/main.ts [DIRECTORY]`.
 *
 * Appends (staged in turns of several, as a busy broker has them), read plans near the end and further back, loading and closing of a
 * thousand partitions. The write of the same bytes without a log stands beside the appends, so that numbers can be compared as ratios.
 */
import { Buffer } from 'node:buffer';
import { closeSync, mkdtempSync, openSync, rmSync, writevSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@skarab/base';
import { buildBatch } from '@skarab/records';
import {
  DiskStorage,
  defaultLogConfig,
  FileSlice,
  LogHost,
  LogManager,
  openPartitionLog,
  type PartitionLog,
} from '../src/index.ts';

const root = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'skarab-bench-log-'));

function batchOf(size: number): Uint8Array {
  const value = Buffer.alloc(1000, 'x');
  const records = [];
  for (let left = size - 61; left > 0; left -= 1012) {
    records.push({
      timestamp: Date.now(),
      key: null,
      value: value.subarray(0, Math.max(1, Math.min(1000, left - 12))),
    });
  }
  return buildBatch({ records });
}

/** Fresh copies of a batch, as requests bring them. */
function requests(batch: Uint8Array, count: number): Uint8Array[] {
  return Array.from({ length: count }, () => Buffer.from(batch));
}

function report(name: string, bytes: number, ms: number, count: number): void {
  const rate = (bytes / ms / 1000).toFixed(0);
  console.log(`${name.padEnd(46)} ${rate.padStart(6)} MB/s ${((ms * 1000) / count).toFixed(2).padStart(8)} µs each`);
}

/** Writes the batches with nothing but the file system. */
function plainWrites(batch: Uint8Array, totalBytes: number): void {
  const fd = openSync(join(root, 'plain'), 'w');
  const count = Math.floor(totalBytes / batch.length);
  const start = performance.now();
  for (let i = 0; i < count; i++) writevSync(fd, [batch], i * batch.length);
  report(`plain write of ${batch.length} bytes`, count * batch.length, performance.now() - start, count);
  closeSync(fd);
  rmSync(join(root, 'plain'));
}

async function appends(name: string, size: number, perTurn: number, totalBytes: number): Promise<PartitionLog> {
  const host = new LogHost({ storage: new DiskStorage(), clock: systemClock });
  const log = await openPartitionLog(host, join(root, `append.${name}-0`), { config: defaultLogConfig });
  const batch = batchOf(size);
  const count = Math.floor(totalBytes / batch.length);
  let ms = 0;
  for (let done = 0; done < count; done += perTurn) {
    const turn = requests(batch, perTurn);
    const start = performance.now();
    for (const bytes of turn) log.appendAsLeader(bytes, { leaderEpoch: 1 });
    host.writer.flushStaged();
    ms += performance.now() - start;
    await new Promise((resolve) => setImmediate(resolve));
  }
  report(`append of ${batch.length} bytes, ${perTurn} a turn`, count * batch.length, ms, count);
  log.updateHighWatermark(log.logEndOffset);
  return log;
}

function readPlans(name: string, log: PartitionLog, offsetOf: (i: number) => number): void {
  const count = 200_000;
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const { records } = log.read({
      startOffset: offsetOf(i),
      maxBytes: 64 * 1024,
      minOneMessage: true,
      upperBound: 'highWatermark',
    });
    if (records instanceof FileSlice) records.release();
  }
  const ns = ((performance.now() - start) / count) * 1e6;
  console.log(`${`read plan ${name}`.padEnd(46)} ${ns.toFixed(0).padStart(6)} ns`);
}

async function manyPartitions(count: number): Promise<void> {
  const open = (): Promise<LogManager> =>
    LogManager.open({
      storage: new DiskStorage(),
      clock: systemClock,
      logDirs: [join(root, 'many')],
      configFor: () => defaultLogConfig,
    });
  const timed = async <Result>(name: string, run: () => Promise<Result>): Promise<Result> => {
    const start = performance.now();
    const result = await run();
    console.log(`${name.padEnd(46)} ${(performance.now() - start).toFixed(0).padStart(6)} ms`);
    return result;
  };
  let manager = await open();
  const batch = batchOf(1000);
  await timed(`create ${count} partitions`, async () => {
    for (let i = 0; i < count; i++) manager.getOrCreate({ topic: 'many', partition: i });
  });
  await timed(`append one batch to each of ${count}`, async () => {
    for (const log of manager.logs()) log.appendAsLeader(Buffer.from(batch), { leaderEpoch: 1 });
    manager.host.writer.flushStaged();
  });
  await timed(`close ${count} partitions after appends`, () => manager.close());
  manager = await timed(`load ${count} partitions`, open);
  await timed(`close ${count} idle partitions`, () => manager.close());
}

try {
  const MB = 1 << 20;
  for (const size of [1024, 16 * 1024, 64 * 1024]) plainWrites(batchOf(size), 256 * MB);
  await appends('small', 1024, 16, 64 * MB);
  await appends('single', 16 * 1024, 1, 256 * MB);
  const log = await appends('medium', 16 * 1024, 8, 256 * MB);
  await appends('large', 64 * 1024, 4, 256 * MB);
  const end = log.logEndOffset;
  readPlans('at the end (tail cache)', log, () => end - 1);
  readPlans('in the last 4 MiB', log, (i) => end - 1 - (i % 4096));
  readPlans('anywhere', log, (i) => (i * 7919) % end);
  await manyPartitions(1000);
} finally {
  rmSync(root, { recursive: true, force: true });
}
