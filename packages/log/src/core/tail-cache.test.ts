import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cachedBytes, LogTail, TailCache } from './tail-cache.ts';

const KIB = 1024;
const STRETCH_BYTES = 64 * KIB;

/** A log of batches of 1 KiB with one record each. */
class Log {
  written = 0;
  staged = 0;
  readonly tail: LogTail;

  constructor(cache: TailCache) {
    this.tail = new LogTail(cache, () => this.written);
  }

  /** Stages `count` batches filled with `value`, and writes them unless told not to. */
  append(count: number, value: number, isWritten = true): Uint8Array[] {
    const views = Array.from({ length: count }, () => {
      const bytes = new Uint8Array(KIB).fill(value);
      const view = this.tail.add(bytes, this.staged, this.staged, 0, this.staged * KIB);
      this.staged++;
      return view;
    });
    if (isWritten) this.written = this.staged;
    return views;
  }
}

const memoryOf = (views: readonly Uint8Array[]): Set<ArrayBufferLike> => new Set(views.map((view) => view.buffer));

test('memory of stretches that were written and not read is used anew', () => {
  const log = new Log(new TailCache(4 * STRETCH_BYTES));
  const used = memoryOf(Array.from({ length: 100 }, () => log.append(16, 1)).flat());
  assert.ok(used.size < 16, `${used.size} buffers for 1,600 KiB`);
});

test('what a reader has a view of stays as it was', () => {
  const log = new Log(new TailCache(4 * STRETCH_BYTES));
  const views: Uint8Array[] = [];
  for (let round = 0; round < 100; round++) {
    log.append(16, round);
    const place = log.tail.find(log.staged - 1)!;
    views.push(cachedBytes(place, KIB)!);
  }
  for (const [round, view] of views.entries())
    assert.ok(
      view.every((byte) => byte === round),
      `round ${round}`,
    );
});

test('what is still to be written stays as it was, also when other logs take all the room', () => {
  const cache = new TailCache(2 * STRETCH_BYTES);
  const slow = new Log(cache);
  slow.append(200, 0);
  const views = slow.append(64, 7, false);
  const busy = new Log(cache);
  for (let round = 0; round < 50; round++) busy.append(16, 1);
  assert.equal(slow.tail.find(slow.staged - 1), null);
  assert.ok(views.every((view) => view.every((byte) => byte === 7)));
});
