/**
 * Quorums under random trouble. `SEED=7` runs one seed, `SEEDS=10000` as many from the first on; `TRACE=1` shows what happens.
 *
 * That the simulation would notice is tested too: each of the classic mistakes is made on purpose and has to be found.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connections } from '../src/core/connections.ts';
import { Quorum } from '../src/core/quorum.ts';
import { LeaderRole } from '../src/core/roles/leader.ts';
import { type SimulationResult, simulate } from '../src/testing/simulation/raft-simulation.ts';

const SEED = process.env['SEED'];
const SEED_COUNT = Number(process.env['SEEDS'] ?? 400);
/** A mistake has to be found within so many seeds. */
const MUTATION_SEED_COUNT = 400;

const onTrace = process.env['TRACE'] === '1' ? (line: string) => console.log(line) : () => {};

async function run(seed: number): Promise<SimulationResult> {
  try {
    return await simulate({ seed, onTrace });
  } catch (cause) {
    throw new Error(`seed ${seed} (SEED=${seed} runs it again): ${cause}`, { cause });
  }
}

test('what is committed stays, one leads an epoch, and a mended quorum comes to rest', async (t) => {
  const seeds = SEED === undefined ? Array.from({ length: SEED_COUNT }, (_, index) => index + 1) : [Number(SEED)];
  const total = { events: 0, epochs: 0, snapshotsLoaded: 0, voterChanges: 0 };
  for (const seed of seeds) {
    const result = await run(seed);
    total.events += result.eventCount;
    total.epochs += result.epochs;
    total.snapshotsLoaded += result.snapshotsLoaded;
    total.voterChanges += result.voterChanges;
  }
  t.diagnostic(`${seeds.length} seeds: ${JSON.stringify(total)}`);
  if (seeds.length < 100) return;
  assert.ok(total.epochs > 2 * seeds.length, 'there were elections');
  assert.ok(total.snapshotsLoaded > seeds.length, 'snapshots were fetched');
  assert.ok(total.voterChanges > seeds.length / 2, 'voters came and went');
});

test('the same seed is the same run', async () => {
  const [first, second, other] = [await run(11), await run(11), await run(12)];
  assert.deepEqual(second, first);
  assert.notEqual(other.traceHash, first.traceHash);
});

/** Replaces something of a class; returns what undoes it. */
function patch<T extends object>(target: T, name: keyof T & string, replacement: PropertyDescriptor): () => void {
  const original = Object.getOwnPropertyDescriptor(target, name)!;
  Object.defineProperty(target, name, { ...replacement, configurable: true });
  return () => Object.defineProperty(target, name, original);
}

const MISTAKES: Readonly<Record<string, () => (() => void)[]>> = {
  'voting twice in an epoch': () => [patch(Quorum.prototype, 'vote', { value: () => {} })],
  'listening to those of an old epoch': () => [
    patch(Quorum.prototype, 'isPast', { value: () => false }),
    patch(Connections.prototype, 'isExpected', { value: () => true }),
  ],
  'counting entries of an old epoch as committed': () => [patch(LeaderRole.prototype, 'commitFloor', { get: () => 0 })],
  'cutting the log at the high watermark': () => {
    const { becomeFollower } = Quorum.prototype;
    return [
      patch(Quorum.prototype, 'becomeFollower', {
        value(this: Quorum, ...leader: Parameters<Quorum['becomeFollower']>) {
          becomeFollower.apply(this, leader);
          const offset = this.highWatermark ?? this.log.endOffset;
          if (offset === this.log.endOffset) return;
          this.durableOffset = Math.min(this.durableOffset, offset);
          this.emit({ kind: 'truncate', offset });
        },
      }),
    ];
  },
  'saying that one has what is not on the disk': () => [patch(Quorum.prototype, 'mayFetch', { get: () => true })],
  'giving a vote to a shorter log': () => [patch(Quorum.prototype, 'isUpToDate', { value: () => true })],
};

test('the simulation finds mistakes', async (t) => {
  for (const [name, make] of Object.entries(MISTAKES)) {
    await t.test(name, async (mutation) => {
      let isFound = false;
      const undo = make();
      try {
        for (let seed = 1; seed <= MUTATION_SEED_COUNT; seed++) {
          const violation = await simulate({ seed }).then(
            () => null,
            (error: Error) => error,
          );
          if (violation === null) continue;
          mutation.diagnostic(`seed ${seed}: ${violation.message}`);
          isFound = true;
          break;
        }
      } finally {
        for (const restore of undo) restore();
      }
      assert.ok(isFound, `not found in ${MUTATION_SEED_COUNT} seeds`);
    });
  }
});
