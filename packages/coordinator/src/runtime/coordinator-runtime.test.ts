import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CorruptDataError, silentLogger } from '@skarab/base';
import { ErrorCode, errorName } from '@skarab/protocol';
import { buildBatch, RecordBatch } from '@skarab/records';
import { CoordinatorRuntime } from './coordinator-runtime.ts';
import type { CoordinatorShard, ReplaySource, ShardEnvironment } from './coordinator-shard.ts';
import { answered, checkpointed, decided, decidedInParts, nothing, refused } from './decision.ts';
import type { LoadEffect, RuntimeEffect } from './effects.ts';
import { TimelineMap } from './timeline-map.ts';

/** Remembers the offset of every word. */
class WordShard implements CoordinatorShard<string> {
  readonly environment: ShardEnvironment<string>;
  readonly words: TimelineMap<string, number>;
  readonly events: string[] = [];

  constructor(environment: ShardEnvironment<string>) {
    this.environment = environment;
    this.words = new TimelineMap(environment.timeline);
  }

  replay(word: string, { offset }: ReplaySource): void {
    this.words.set(word, offset);
  }

  replayEndTransactionMarker(producerId: number, isCommit: boolean): void {
    this.events.push(`end of transaction ${producerId} ${isCommit}`);
  }

  onLoaded(nowMs: number): void {
    this.events.push(`loaded at ${nowMs}`);
  }

  onUnloaded(nowMs: number): void {
    this.events.push(`unloaded at ${nowMs}`);
  }

  get committedWords(): string[] {
    return [...this.words.committedEntries()].map(([word]) => word);
  }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function fixture(options: { appendLingerMs?: number; maxBatchBytes?: number } = {}) {
  const shards: WordShard[] = [];
  const effects: RuntimeEffect[] = [];
  const outcomes: string[] = [];
  const runtime = new CoordinatorRuntime<WordShard, string>({
    createShard: (environment) => {
      const shard = new WordShard(environment);
      shards.push(shard);
      return shard;
    },
    serde: {
      encode: (word) => ({ key: bytesOf(word), value: null }),
      decode: (key) => {
        const word = new TextDecoder().decode(key);
        if (word === 'corrupt') throw new CorruptDataError('corrupt word');
        return word === 'unknown' ? 99 : word;
      },
    },
    writeTimeoutMs: 5000,
    appendLingerMs: options.appendLingerMs ?? -1,
    maxBatchBytes: () => options.maxBatchBytes ?? 10_000,
    emit: (effect) => effects.push(effect),
    logger: silentLogger,
  });
  const take = (): RuntimeEffect[] => {
    runtime.flush();
    return effects.splice(0);
  };
  const note =
    (name: string) =>
    (error: ErrorCode, response: unknown, nowMs: number): void => {
      outcomes.push(`${name} ${errorName(error)} ${String(response)} at ${nowMs}`);
    };
  const say = (word: string, nowMs: number): void =>
    runtime.write(0, () => decided([word], word.length), note(word), nowMs);
  const load = (): WordShard => {
    runtime.onElected(0, 1);
    (take()[0] as LoadEffect).load.complete(0, 0, 0);
    return shards.at(-1)!;
  };
  return { runtime, shards, take, outcomes, note, say, load };
}

/** Appends as `baseOffset: words`. */
function appendsOf(effects: readonly RuntimeEffect[]): string[] {
  return effects.map((effect) => {
    if (effect.type === 'load') return `load at epoch ${effect.leaderEpoch}`;
    if (effect.type === 'appendMarker') {
      const { producerId, isCommit } = effect.end;
      return `${effect.appendId} ${effect.baseOffset}: ${isCommit ? 'commit' : 'abort'} of ${producerId}`;
    }
    const words = effect.records.map(({ key, timestamp }) => `${new TextDecoder().decode(key!)}@${timestamp}`);
    return `${effect.appendId} ${effect.baseOffset}: ${words.join(' ')}`;
  });
}

test('writes of one turn make one batch, and their responses wait for the commit', () => {
  const { runtime, take, outcomes, say, load } = fixture();
  const shard = load();
  say('one', 10);
  say('three', 11);
  assert.deepEqual([shard.words.get('three'), shard.committedWords], [1, []]);
  assert.deepEqual(appendsOf(take()), ['2 0: one@10 three@11']);
  runtime.onAppended(0, 2, 2, 12);
  assert.deepEqual(outcomes, []);
  runtime.onCommitted(0, 2, 13);
  assert.deepEqual(outcomes, ['one NONE 3 at 13', 'three NONE 5 at 13']);
  assert.deepEqual(shard.committedWords, ['one', 'three']);
});

test('a failed append takes back its records and everything decided on top of them', () => {
  const { runtime, take, outcomes, note, say, load } = fixture();
  const shard = load();
  say('kept', 1);
  take();
  runtime.onAppended(0, 2, 1, 1);
  say('lost', 2);
  take();
  say('built on it', 3);
  runtime.write(0, () => answered('read after it'), note('reader'), 3);
  runtime.onAppendFailed(0, 3, ErrorCode.NOT_ENOUGH_REPLICAS, 4);
  assert.deepEqual([...shard.words.keys()], ['kept']);
  assert.deepEqual(outcomes, [
    'lost NOT_ENOUGH_REPLICAS null at 4',
    'built on it NOT_ENOUGH_REPLICAS null at 4',
    'reader NOT_ENOUGH_REPLICAS null at 4',
  ]);
  say('again', 5);
  assert.deepEqual(appendsOf(take()), ['5 1: again@5']);
  runtime.onAppended(0, 5, 2, 6);
  runtime.onCommitted(0, 2, 6);
  assert.deepEqual(outcomes.slice(3), ['kept NONE 4 at 6', 'again NONE 5 at 6']);
});

test('a batch dropped with an earlier one is not failed twice', () => {
  const { runtime, take, outcomes, say, load } = fixture();
  load();
  say('a', 1);
  take();
  say('b', 1);
  take();
  runtime.onAppendFailed(0, 2, ErrorCode.KAFKA_STORAGE_ERROR, 2);
  runtime.onAppendFailed(0, 3, ErrorCode.KAFKA_STORAGE_ERROR, 2);
  assert.deepEqual(outcomes, ['a KAFKA_STORAGE_ERROR null at 2', 'b KAFKA_STORAGE_ERROR null at 2']);
});

test('an answer without records waits for the writes before it', () => {
  const { runtime, take, outcomes, note, say, load } = fixture();
  load();
  runtime.write(0, () => answered('at once'), note('reader'), 1);
  say('word', 2);
  runtime.write(0, () => answered('later'), note('reader'), 3);
  runtime.write(0, () => refused(ErrorCode.UNKNOWN_MEMBER_ID), note('refused'), 4);
  assert.deepEqual(outcomes, ['reader NONE at once at 1', 'refused UNKNOWN_MEMBER_ID null at 4']);
  take();
  runtime.onAppended(0, 2, 1, 5);
  runtime.onCommitted(0, 1, 6);
  assert.deepEqual(outcomes.slice(2), ['word NONE 4 at 6', 'reader NONE later at 6']);
});

test('a write that is not committed in time is given up, and what it did stays', () => {
  const { runtime, take, outcomes, say, load } = fixture();
  const shard = load();
  say('slow', 100);
  take();
  runtime.onAppended(0, 2, 1, 100);
  assert.equal(runtime.nextDeadlineMs(), 5100);
  runtime.onTimer(5099);
  runtime.onTimer(5100);
  assert.deepEqual(outcomes, ['slow REQUEST_TIMED_OUT null at 5100']);
  runtime.onCommitted(0, 1, 6000);
  assert.deepEqual([outcomes.length, shard.committedWords], [1, ['slow']]);
});

test('a log that counts differently is loaded again', () => {
  const { runtime, shards, take, outcomes, say, load } = fixture();
  load();
  say('word', 1);
  take();
  runtime.onAppended(0, 2, 7, 2);
  assert.deepEqual(outcomes, ['word NOT_COORDINATOR null at 2']);
  assert.deepEqual(shards[0]!.events, ['loaded at 0', 'unloaded at 2']);
  const effects = take();
  assert.deepEqual(appendsOf(effects), ['load at epoch 1']);
  say('while loading', 3);
  (effects[0] as LoadEffect).load.complete(7, 7, 4);
  say('after', 5);
  assert.deepEqual(outcomes.slice(1), ['while loading COORDINATOR_LOAD_IN_PROGRESS null at 3']);
  assert.deepEqual(appendsOf(take()), ['4 7: after@5']);
});

test('what the host says about appends of an earlier load is ignored', () => {
  const { runtime, shards, take, say, load } = fixture();
  load();
  say('old', 1);
  take();
  runtime.onResigned(0, 2, 2);
  runtime.onElected(0, 3);
  (take()[0] as LoadEffect).load.complete(0, 0, 3);
  runtime.onAppended(0, 2, 99, 4);
  runtime.onAppendFailed(0, 2, ErrorCode.NOT_LEADER_OR_FOLLOWER, 4);
  assert.deepEqual([shards.length, shards[1]!.events], [2, ['loaded at 3']]);
});

test('elections and resignations are ordered by epoch', () => {
  const { runtime, take, shards } = fixture();
  runtime.onElected(0, 5);
  runtime.onElected(0, 5);
  runtime.onElected(0, 4);
  const effects = take();
  assert.deepEqual(appendsOf(effects), ['load at epoch 5']);
  const { load } = effects[0] as LoadEffect;
  load.complete(0, 0, 1);
  runtime.onElected(0, 6);
  runtime.onResigned(0, 6, 2);
  assert.deepEqual([runtime.partitions(), take(), shards[0]!.events], [[0], [], ['loaded at 1']]);
  runtime.onResigned(0, 7, 3);
  assert.deepEqual([runtime.partitions(), shards[0]!.events], [[], ['loaded at 1', 'unloaded at 3']]);
});

test('an overtaken load is cancelled', () => {
  const { runtime, take, shards, outcomes, say } = fixture();
  runtime.onElected(0, 1);
  const { load } = take()[0] as LoadEffect;
  runtime.onResigned(0, null, 1);
  assert.equal(load.isCancelled, true);
  load.replay(new RecordBatch(buildBatch({ records: [{ timestamp: 0, key: bytesOf('word'), value: null }] })), 1);
  load.complete(1, 1, 2);
  say('word', 3);
  assert.deepEqual([shards[0]!.events, shards[0]!.words.size], [[], 0]);
  assert.deepEqual(outcomes, ['word NOT_COORDINATOR null at 3']);
});

test('loading replays records, skips unknown types, ends transactions; all is committed before anything is served', () => {
  const { runtime, take, shards, say, outcomes } = fixture();
  runtime.onElected(0, 1);
  const { load } = take()[0] as LoadEffect;
  const words = ['a', 'unknown', 'b'].map((word) => ({ timestamp: 0, key: bytesOf(word), value: null }));
  load.replay(new RecordBatch(buildBatch({ records: words, baseOffset: 10, lastOffset: 14 })), 12);
  const marker = { timestamp: 0, key: Uint8Array.of(0, 0, 0, 1), value: new Uint8Array(6) };
  const control = { baseOffset: 15, producerId: 7, producerEpoch: 0, isTransactional: true, isControlBatch: true };
  load.replay(new RecordBatch(buildBatch({ records: [marker], ...control })), 12);
  load.complete(12, 16, 20);
  const shard = shards[0]!;
  assert.deepEqual(
    [...shard.words],
    [
      ['a', 10],
      ['b', 12],
    ],
  );
  runtime.onCommitted(0, 15, 20);
  say('early', 20);
  assert.deepEqual(outcomes, ['early COORDINATOR_LOAD_IN_PROGRESS null at 20']);
  runtime.onCommitted(0, 16, 21);
  assert.deepEqual(shard.events, ['end of transaction 7 true', 'loaded at 21']);
  say('c', 22);
  assert.deepEqual(appendsOf(take()), ['2 16: c@22']);
});

test('a partition whose log cannot be read is unserved until the next election', () => {
  const { runtime, take, outcomes, say } = fixture();
  runtime.onElected(0, 1);
  const { load } = take()[0] as LoadEffect;
  const corrupt = { timestamp: 0, key: bytesOf('corrupt'), value: null };
  assert.throws(() => load.replay(new RecordBatch(buildBatch({ records: [corrupt] })), 1), CorruptDataError);
  load.fail(1);
  say('word', 2);
  assert.deepEqual(outcomes, ['word NOT_COORDINATOR null at 2']);
  runtime.onElected(0, 2);
  assert.deepEqual(appendsOf(take()), ['load at epoch 2']);
});

test('a full batch goes at once; atomic writes stay together, others are spread', () => {
  const { runtime, take, note, load } = fixture({ maxBatchBytes: 61 + 3 * 33 });
  load();
  runtime.write(0, () => decided(['a', 'b'], null), note('two'), 1);
  runtime.write(0, () => decided(['c', 'd'], null), note('two'), 1);
  runtime.write(0, () => decidedInParts(['e', 'f', 'g', 'h', 'i']), note('five'), 1);
  runtime.write(0, () => decided(['1', '2', '3', '4', '5'], null), note('too many'), 1);
  assert.deepEqual(appendsOf(take()), [
    '2 0: a@1 b@1',
    '3 2: c@1 d@1 e@1',
    '4 5: f@1 g@1 h@1',
    '5 8: i@1',
    '6 9: 1@1 2@1 3@1 4@1 5@1',
  ]);
});

test('a linger keeps the batch open until its time', () => {
  const { runtime, take, say, load } = fixture({ appendLingerMs: 10 });
  load();
  say('a', 100);
  say('b', 105);
  assert.deepEqual([take(), runtime.nextDeadlineMs()], [[], 110]);
  runtime.onTimer(110);
  assert.deepEqual(appendsOf(take()), ['2 0: a@100 b@105']);
});

test('checkpoints are not replayed and learn how their write ended', () => {
  const { runtime, take, outcomes, note, load } = fixture();
  const shard = load();
  const checkpoint = (word: string) =>
    checkpointed([word], word, (error, nowMs) => outcomes.push(`${word} written ${errorName(error)} at ${nowMs}`));
  runtime.write(0, () => checkpoint('good'), note('good'), 1);
  take();
  runtime.onAppended(0, 2, 1, 2);
  runtime.onCommitted(0, 1, 2);
  runtime.write(0, () => checkpoint('bad'), note('bad'), 3);
  take();
  runtime.onAppendFailed(0, 3, ErrorCode.MESSAGE_TOO_LARGE, 4);
  assert.equal(shard.words.size, 0);
  assert.deepEqual(outcomes, [
    'good written NONE at 2',
    'good NONE good at 2',
    'bad written MESSAGE_TOO_LARGE at 4',
    'bad MESSAGE_TOO_LARGE null at 4',
  ]);
});

test('timers write like requests, and are tried again when asked to be', () => {
  const { runtime, take, load } = fixture();
  const shard = load();
  const { timers } = shard.environment;
  timers.schedule('retried', 100, 50, () => decided(['r'], null));
  timers.schedule('given up', 100, null, () => decided(['g'], null));
  timers.schedule('cancelled', 100, null, () => nothing);
  timers.cancel('cancelled');
  runtime.onTimer(100);
  assert.deepEqual(appendsOf(take()), ['2 0: r@100 g@100']);
  runtime.onAppendFailed(0, 2, ErrorCode.NOT_ENOUGH_REPLICAS, 120);
  assert.deepEqual([timers.isScheduled('retried'), timers.isScheduled('given up')], [true, false]);
  assert.equal(runtime.nextDeadlineMs(), 170);
  runtime.onTimer(170);
  assert.deepEqual(appendsOf(take()), ['3 0: r@170']);
});

test('unloading fails what waits, stops timers and forgets', () => {
  const { runtime, take, outcomes, say, load } = fixture();
  const shard = load();
  shard.environment.timers.schedule('timer', 100, null, () => nothing);
  say('waiting', 1);
  take();
  say('not even sent', 2);
  runtime.onResigned(0, null, 3);
  assert.deepEqual(outcomes, ['waiting NOT_COORDINATOR null at 3', 'not even sent NOT_COORDINATOR null at 3']);
  assert.deepEqual([shard.events, runtime.nextDeadlineMs(), take()], [['loaded at 0', 'unloaded at 3'], null, []]);
});

test('records of a transaction get a batch of their own, and its end is written behind everything', () => {
  const { runtime, take, outcomes, note, say, load } = fixture();
  const shard = load();
  const producer = { producerId: 7, producerEpoch: 1, verificationGuard: null };
  say('before', 1);
  runtime.write(0, () => decided(['within'], null), note('within'), 1, producer);
  say('after', 1);
  const end = { producerId: 7, producerEpoch: 1, coordinatorEpoch: 0, isCommit: true, transactionVersion: 0 };
  runtime.endTransaction(0, end, note('end'), 1);
  say('last', 1);
  const effects = take();
  assert.deepEqual(appendsOf(effects), [
    '2 0: before@1',
    '3 1: within@1',
    '4 2: after@1',
    '5 3: commit of 7',
    '6 4: last@1',
  ]);
  const producers = effects.map((effect) => (effect.type === 'append' ? effect.producer : undefined));
  assert.deepEqual(producers, [null, producer, null, undefined, null]);
  for (const [i, appendId] of [2, 3, 4, 5, 6].entries()) runtime.onAppended(0, appendId, i + 1, 2);
  runtime.onCommitted(0, 4, 3);
  assert.deepEqual(outcomes, [
    'before NONE 6 at 3',
    'within NONE null at 3',
    'after NONE 5 at 3',
    'end NONE null at 3',
  ]);
  assert.deepEqual(shard.events, ['loaded at 0', 'end of transaction 7 true']);
});

test('the end of a transaction that is refused takes back what it changed, and what was decided on top of it', () => {
  const { runtime, take, outcomes, note, say, load } = fixture();
  const shard = load();
  say('before', 1);
  const end = { producerId: 7, producerEpoch: 1, coordinatorEpoch: 0, isCommit: true, transactionVersion: 2 };
  runtime.endTransaction(0, end, note('end'), 1);
  say('after', 1);
  take();
  runtime.onAppended(0, 2, 1, 2);
  runtime.onAppendFailed(0, 3, ErrorCode.INVALID_PRODUCER_EPOCH, 2);
  assert.deepEqual([...shard.words.keys()], ['before']);
  assert.deepEqual(outcomes, ['end INVALID_PRODUCER_EPOCH null at 2', 'after INVALID_PRODUCER_EPOCH null at 2']);
  runtime.onResigned(0, null, 3);
  runtime.endTransaction(0, end, note('late end'), 4);
  assert.deepEqual(outcomes.slice(2), ['before NOT_COORDINATOR null at 3', 'late end NOT_COORDINATOR null at 4']);
});
