/**
 * Random lives of one log against a list that says what must be in it: appends by leaders and followers, idempotent and transactional
 * producers, rolls, cuts, retention, flushes, orderly stops, storage that fails, and crashes that keep only what was synced and a random part of the rest.
 *
 * After every step the log must agree with the model; after a crash it must hold a prefix of it that reaches the recovery point.
 * The seed of a failure is in the test's name and message: run it alone with MODEL_SEED=…
 */
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { type Random, StorageError, seededRandom } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import { ErrorCode } from '@skarab/protocol';
import { buildEndTransactionMarkerBatch } from '@skarab/records';
import { closePartitionLog, defaultLogConfig, openPartitionLog, type PartitionLog } from '../src/index.ts';
import { FaultyStorage } from '../src/testing/faulty-storage.ts';
import { batchOf, LOG_DIR, LogFixture, START_MS, valuesOf } from '../src/testing/log-fixture.ts';

const STEPS = 150;
const SEEDS = process.env['MODEL_SEED'] === undefined ? 40 : 1;
const FIRST_SEED = Number(process.env['MODEL_SEED'] ?? Math.floor(Math.random() * 1_000_000));

/** One record as it must be found. */
interface Entry {
  readonly offset: number;
  readonly value: string;
}

class Life {
  readonly random: Random;
  readonly clock = new ManualClock(START_MS);
  readonly storage: FaultyStorage;
  fixture: LogFixture;
  log!: PartitionLog;
  /** What the log holds, visible or staged, by offset. */
  entries: Entry[] = [];
  logStartOffset = 0;
  /** The offset that the next record gets. */
  endOffset = 0;
  leaderEpoch = 0;
  /** What the last checkpoint said. */
  checkpoint = { recoveryPoint: 0, logStartOffset: 0 };
  #values = 0;
  /** Where the log is being cut, while that may fail half-way. */
  #cutting = Number.POSITIVE_INFINITY;
  readonly #sequences = new Map<number, number>();
  readonly #open = new Set<number>();

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.storage = new FaultyStorage(seededRandom(seed + 1), { nowMs: () => this.clock.nowMs() });
    this.fixture = this.#newFixture();
  }

  async start(isClean: boolean): Promise<void> {
    this.log = await openPartitionLog(this.fixture.host, `${LOG_DIR}/t-0`, {
      config: { ...defaultLogConfig, segmentBytes: 600, indexIntervalBytes: 100, retentionMs: 50_000 },
      isClean,
      ...this.checkpoint,
    });
  }

  async step(): Promise<void> {
    const steps: (() => void | Promise<void>)[] = [
      ...Array.from({ length: 6 }, () => () => this.append()),
      ...Array.from({ length: 3 }, () => () => this.appendReplicated()),
      ...Array.from({ length: 3 }, () => () => this.appendTransactional()),
      () => this.endTransaction(),
      () => this.fixture.endTurn(),
      () => this.fixture.endTurn(),
      () => this.log.roll(),
      () => this.flush(),
      () => void this.log.flush(),
      () => this.truncate(),
      () => this.deleteRecords(),
      () => this.retain(),
      () => void this.leaderEpoch++,
      () => this.clock.advance(this.random.int(10_000)),
      () => this.saveCheckpoint(),
      () => this.restart(),
      () => this.crash(),
      () => this.breakStorage(),
    ];
    try {
      await steps[this.random.int(steps.length)]!();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      await this.crash();
    }
  }

  /** Something will fail soon; the log directory goes offline by it, and the next thing to happen is a crash. */
  breakStorage(): void {
    const operations = ['write', 'truncate', 'rename', 'create', 'sync', 'read'] as const;
    if (this.random.int(3) === 0) this.storage.fill(this.random.int(500));
    else this.storage.fail({ operation: operations[this.random.int(6)]!, errno: 'EIO', after: this.random.int(5) });
  }

  append(): void {
    const values = this.#someValues();
    const producerId = this.random.int(3) - 1;
    const baseSequence = this.#sequences.get(producerId) ?? 0;
    const options = producerId < 0 || this.#open.has(producerId) ? {} : { producerId, producerEpoch: 0, baseSequence };
    const result = this.log.appendAsLeader(batchOf(values, { ...options, timestamp: this.clock.nowMs() }), {
      leaderEpoch: this.leaderEpoch,
    });
    assert.equal(result.errorCode, ErrorCode.NONE, result.errorMessage ?? '');
    assert.equal(result.firstOffset, this.endOffset);
    this.#add(values);
    if ('baseSequence' in options) this.#sequences.set(producerId, baseSequence + values.length);
  }

  appendReplicated(): void {
    const values = this.#someValues();
    const baseOffset = this.endOffset;
    const bytes = batchOf(values, {
      baseOffset,
      partitionLeaderEpoch: this.leaderEpoch,
      timestamp: this.clock.nowMs(),
    });
    const result = this.log.appendAsFollower(bytes, { leaderEpoch: this.leaderEpoch });
    assert.equal(result.errorCode, ErrorCode.NONE, result.errorMessage ?? '');
    this.#add(values);
  }

  appendTransactional(): void {
    const producerId = 10 + this.random.int(2);
    const values = this.#someValues();
    const baseSequence = this.#sequences.get(producerId) ?? 0;
    const bytes = batchOf(values, {
      ...{ producerId, producerEpoch: 0, baseSequence, isTransactional: true },
      timestamp: this.clock.nowMs(),
    });
    const result = this.log.appendAsLeader(bytes, { leaderEpoch: this.leaderEpoch });
    assert.equal(result.errorCode, ErrorCode.NONE, result.errorMessage ?? '');
    this.#add(values);
    this.#sequences.set(producerId, baseSequence + values.length);
    this.#open.add(producerId);
  }

  endTransaction(): void {
    for (const producerId of this.#open) {
      const marker = buildEndTransactionMarkerBatch({
        ...{ producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp: this.clock.nowMs() },
        type: this.random.int(2) === 0 ? 0 : 1,
      });
      this.log.appendAsLeader(marker, { leaderEpoch: this.leaderEpoch, origin: 'coordinator' });
      this.#add(['marker']);
      this.#open.delete(producerId);
      return;
    }
  }

  async flush(): Promise<void> {
    await this.fixture.host.flushed(this.log);
    assert.equal(this.log.recoveryPoint, this.log.logEndOffset);
  }

  /** Cuts the log, and flushes: until then a crash may bring back what was cut. */
  async truncate(): Promise<void> {
    if (this.random.int(3) > 0 || this.entries.length === 0) return;
    const offset = this.entries[this.random.int(this.entries.length)]!.offset;
    // A cut takes whole batches: ask the log where the batch begins.
    this.fixture.endTurn();
    const { offset: cut } = this.log.read({
      ...{ startOffset: offset, maxBytes: 1, minOneMessage: true, upperBound: 'logEnd' },
    } as const).fetchOffset;
    const end = Math.max(cut, this.logStartOffset);
    this.#cutting = end;
    this.log.truncateTo(end);
    assert.equal(this.log.logEndOffset, end);
    await this.flush();
    this.#cutting = Number.POSITIVE_INFINITY;
    this.entries = this.entries.filter((entry) => entry.offset < end);
    this.endOffset = end;
    this.#forgetProducers();
    this.saveCheckpoint();
  }

  deleteRecords(): void {
    this.fixture.endTurn();
    this.log.updateHighWatermark(this.log.logEndOffset);
    const offset = this.logStartOffset + this.random.int(5);
    if (offset > this.log.highWatermark) return;
    assert.equal(this.log.maybeIncrementLogStartOffset(offset), ErrorCode.NONE);
    this.#moveStart();
  }

  retain(): void {
    this.fixture.endTurn();
    this.log.updateHighWatermark(this.log.logEndOffset);
    this.log.deleteOldSegments();
    this.#moveStart();
  }

  saveCheckpoint(): void {
    this.checkpoint = { recoveryPoint: this.log.recoveryPoint, logStartOffset: this.log.logStartOffset };
  }

  async restart(): Promise<void> {
    this.fixture.endTurn();
    await closePartitionLog(this.fixture.host, this.log);
    this.saveCheckpoint();
    this.fixture = this.#newFixture();
    await this.start(true);
    assert.equal(this.log.recoveryPoint, this.log.logEndOffset);
    this.#checkProducers();
    // Loading forgets producers whose records have all been deleted.
    this.#forgetProducers();
  }

  async crash(): Promise<void> {
    // A start that moves takes the recovery point with it, without a sync.
    const synced = this.log.recoveryPoint > this.logStartOffset ? this.log.recoveryPoint : 0;
    const durable = Math.min(synced, this.#cutting);
    this.#cutting = Number.POSITIVE_INFINITY;
    this.storage.crash();
    this.fixture = this.#newFixture();
    await this.start(false);
    const { logEndOffset } = this.log;
    assert.ok(logEndOffset >= Math.min(durable, this.endOffset), `lost what was durable: ${logEndOffset} < ${durable}`);
    this.entries = this.entries.filter((entry) => entry.offset < logEndOffset);
    this.endOffset = logEndOffset;
    this.logStartOffset = this.log.logStartOffset;
    this.#moveStart();
    this.#forgetProducers();
    this.leaderEpoch += 1;
    await this.flush();
    this.saveCheckpoint();
  }

  /** The log agrees with the model. */
  async check(): Promise<void> {
    try {
      this.#checkContent();
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      await this.crash();
      this.#checkContent();
    }
  }

  #checkContent(): void {
    const { log } = this;
    const visible = this.entries.filter(({ offset }) => offset >= log.logStartOffset && offset < log.logEndOffset);
    const found: string[] = [];
    for (let offset = log.logStartOffset; offset < log.logEndOffset; ) {
      const { records, errorCode } = log.read({
        ...{ startOffset: offset, maxBytes: 1 + this.random.int(2000), minOneMessage: true },
        upperBound: 'logEnd',
      });
      assert.equal(errorCode, ErrorCode.NONE);
      const values = valuesOf(Buffer.from(records as Uint8Array));
      if (values.length === 0) break;
      found.push(...values.filter((value) => Number(value.split(':')[0]) >= offset));
      offset = Number(values.at(-1)!.split(':')[0]) + 1;
    }
    assert.deepEqual(
      found,
      visible.map((entry) => `${entry.offset}:${entry.value}`),
    );
    assert.ok(log.logStartOffset <= log.lastStableOffset && log.lastStableOffset <= log.highWatermark);
    assert.ok(log.highWatermark <= log.logEndOffset && log.recoveryPoint <= this.endOffset);
    assert.equal(log.logStartOffset, this.logStartOffset);
    const epochs = log.epochEntries.map((entry) => entry.startOffset);
    assert.deepEqual(
      epochs,
      epochs.toSorted((a, b) => a - b),
    );
  }

  #someValues(): string[] {
    const size = this.random.int(8) === 0 ? 60 : 3;
    return Array.from({ length: 1 + this.random.int(3) }, () => `${this.#values++}`.padEnd(size, '.'));
  }

  #add(values: readonly string[]): void {
    const first = this.endOffset;
    values.forEach((value, i) => {
      this.entries.push({ offset: first + i, value });
    });
    this.endOffset = first + values.length;
  }

  /** A start that moved may be forgotten in a crash, so the entries before it are kept. */
  #moveStart(): void {
    this.logStartOffset = this.log.logStartOffset;
  }

  /** Takes over from the log what it knows of producers, after records were lost. */
  #forgetProducers(): void {
    this.#sequences.clear();
    this.#open.clear();
    for (const producer of this.log.activeProducers()) {
      this.#sequences.set(producer.producerId, producer.lastSequence + 1);
      if (producer.currentTxnStartOffset >= 0) this.#open.add(producer.producerId);
    }
  }

  #checkProducers(): void {
    for (const producer of this.log.activeProducers()) {
      assert.equal(
        producer.lastSequence + 1,
        this.#sequences.get(producer.producerId),
        `producer ${producer.producerId}`,
      );
      assert.equal(producer.currentTxnStartOffset >= 0, this.#open.has(producer.producerId));
    }
  }

  #newFixture(): LogFixture {
    const tailCacheBytes = this.random.int(2) * 10_000;
    return new LogFixture({ storage: this.storage.attach(), clock: this.clock, tailCacheBytes });
  }
}

for (let i = 0; i < SEEDS; i++) {
  const seed = FIRST_SEED + i;
  test(`the life of a log with seed ${seed}`, async () => {
    const life = new Life(seed);
    await life.start(true);
    for (let step = 0; step < STEPS; step++) {
      try {
        await life.step();
        await life.check();
      } catch (error) {
        throw new Error(`MODEL_SEED=${seed}, step ${step}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
}
