import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, silentLogger, systemClock } from '@skarab/base';
import type { RuntimeEffect } from '@skarab/coordinator';
import { VerificationGuard } from '@skarab/log';
import { ErrorCode } from '@skarab/protocol';
import { RecordBatch } from '@skarab/records';
import { CoordinatorDriver, type DrivenCoordinator } from './coordinator-driver.ts';
import type { AppendedBatch, CoordinatorLog } from './coordinator-log.ts';

type Own = { readonly type: 'own'; readonly token: number };
type Effect = RuntimeEffect | Own | { readonly type: 'respond'; readonly token: number; readonly response: unknown };

/** A coordinator that wants what the test tells it to, and notes what it hears. */
function fixture(
  appendResult: { nextOffset: number } | { errorCode: number } = { nextOffset: 5 },
  clock: Clock = systemClock,
) {
  const heard: string[] = [];
  const effects: Effect[] = [];
  const appended: AppendedBatch[] = [];
  const coordinator: DrivenCoordinator<Own> = {
    onElected: (partition) => heard.push(`elected ${partition}`),
    onResigned: (partition) => heard.push(`resigned ${partition}`),
    onAppended: (_partition, appendId, nextOffset) => heard.push(`appended ${appendId} to ${nextOffset}`),
    onAppendFailed: (_partition, appendId, error) => heard.push(`failed ${appendId} with ${error}`),
    onCommitted: (_partition, highWatermark) => heard.push(`committed ${highWatermark}`),
    onTimer: () => heard.push('timer'),
    onClockJump: (byMs) => heard.push(`jump by ${byMs}`),
    nextDeadlineMs: () => null,
    shutdown: () => heard.push('shut down'),
    takeEffects: () => effects.splice(0),
  };
  const log: CoordinatorLog = {
    append: (_partition, _leaderEpoch, batch) => {
      appended.push(batch);
      return appendResult;
    },
    readAll: () => Promise.reject(new Error('nothing to read')),
    maxBatchBytes: () => 1000,
  };
  const driver = new CoordinatorDriver<Own>({
    coordinator,
    log,
    subject: 'things',
    compression: 'none',
    execute: ({ token }) => driver.answer(token, 'own answer'),
    clock,
    logger: silentLogger,
  });
  return { driver, effects, heard, appended };
}

test('a request is answered by its response, or by an effect of the coordinator’s own', async () => {
  const { driver, effects } = fixture();
  const first = driver.ask((token) => effects.push({ type: 'respond', token, response: 'response' }));
  const second = driver.ask((token) => effects.push({ type: 'own', token }));
  assert.deepEqual(await Promise.all([first, second]), ['response', 'own answer']);
});

test('batches of a transaction carry their producer and its proof, markers their transaction version', () => {
  const { driver, effects, heard, appended } = fixture();
  const verificationGuard = new VerificationGuard();
  const at = { partition: 0, leaderEpoch: 3, baseOffset: 4 };
  const records = [{ timestamp: 1, key: Buffer.from('k'), value: null }];
  const end = { producerId: 7, producerEpoch: 2, coordinatorEpoch: 9, isCommit: true, transactionVersion: 2 };
  driver.tell(() => {
    effects.push({ type: 'append', ...at, appendId: 1, records, producer: null });
    effects.push({
      type: 'append',
      ...at,
      appendId: 2,
      records,
      producer: { producerId: 7, producerEpoch: 1, verificationGuard },
    });
    effects.push({ type: 'appendMarker', ...at, appendId: 3, end });
  });
  assert.deepEqual(heard, ['appended 1 to 5', 'appended 2 to 5', 'appended 3 to 5']);
  const shown = appended.map(({ bytes, ...options }) => {
    const { producerId, producerEpoch, isTransactional, isControlBatch } = new RecordBatch(bytes);
    return { producerId, producerEpoch, isTransactional, isControlBatch, ...options };
  });
  assert.deepEqual(shown, [
    { producerId: -1, producerEpoch: -1, isTransactional: false, isControlBatch: false },
    { producerId: 7, producerEpoch: 1, isTransactional: true, isControlBatch: false, verificationGuard },
    { producerId: 7, producerEpoch: 2, isTransactional: true, isControlBatch: true, transactionVersion: 2 },
  ]);
});

test('an append that the log refuses is told with its error', () => {
  const { driver, effects, heard } = fixture({ errorCode: ErrorCode.NOT_ENOUGH_REPLICAS });
  const effect = { type: 'append', partition: 0, leaderEpoch: 0, appendId: 1, baseOffset: 0, producer: null } as const;
  driver.tell(() => effects.push({ ...effect, records: [{ timestamp: 1, key: Buffer.from('k'), value: null }] }));
  assert.deepEqual(heard, [`failed 1 with ${ErrorCode.NOT_ENOUGH_REPLICAS}`]);
});

test('after the stop nothing is led any more, but requests are answered', async () => {
  const { driver, effects, heard } = fixture();
  driver.stop();
  driver.stop();
  driver.onElected(0, 1);
  assert.deepEqual(heard, ['shut down']);
  assert.equal(await driver.ask((token) => effects.push({ type: 'respond', token, response: 'no more' })), 'no more');
});

test('a clock that is set is told before anything else, and once; not so one that is corrected a little', () => {
  let [wallMs, elapsedMs] = [5000, 100];
  const clock: Clock = { ...systemClock, nowMs: () => wallMs, monotonicMs: () => elapsedMs };
  const { driver, heard } = fixture({ nextOffset: 5 }, clock);
  const pass = (wall: number, elapsed: number): void => {
    wallMs += wall;
    elapsedMs += elapsed;
    driver.tell((nowMs) => heard.push(`told at ${nowMs}`));
  };
  pass(20, 20);
  pass(-3_600_000, 10);
  pass(30, 10);
  pass(90_000, 0);
  assert.deepEqual(heard, [
    'told at 5020',
    'jump by -3600010',
    'told at -3594980',
    'told at -3594950',
    'jump by 90020',
    'told at -3504950',
  ]);
});
