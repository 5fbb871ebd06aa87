import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Logger, silentLogger } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import type { ControllerApi } from '@skarab/metadata';
import { EventPerformance } from './event-performance.ts';

function recording(lines: unknown[]): Logger {
  const at = (level: string) => (fields: object, message: string) => void lines.push({ level, message, ...fields });
  return { ...silentLogger, info: at('info'), error: at('error') };
}

test('times operations, names slow ones at once and the average after each period', async () => {
  const clock = new ManualClock(0);
  const lines: unknown[] = [];
  const events: unknown[] = [];
  const performance = new EventPerformance({
    alwaysLogThresholdMs: 100,
    samplePeriodMs: 1000,
    onEvent: (name, elapsedMs) => events.push([name, elapsedMs]),
    clock,
    logger: recording(lines),
  });
  let takesMs = 20;
  const createTopics = async (): Promise<unknown> => {
    clock.advance(takesMs);
    return 'answer';
  };
  const controller = performance.timed({ createTopics } as unknown as ControllerApi) as unknown as {
    createTopics: typeof createTopics;
  };
  assert.equal(await controller.createTopics(), 'answer');
  assert.deepEqual(lines, []);
  takesMs = 100;
  await controller.createTopics();
  assert.deepEqual(events, [
    ['createTopics', 20],
    ['createTopics', 100],
  ]);
  assert.deepEqual(lines, [
    { level: 'error', message: 'exceptionally slow controller event', event: 'createTopics', elapsedMs: 100 },
  ]);
  clock.advance(1000);
  assert.deepEqual(lines.slice(1), [
    {
      level: 'info',
      message: 'controller events of the last period',
      events: 2,
      averageMs: 60,
      slowest: { name: 'createTopics', elapsedMs: 100 },
    },
  ]);
  clock.advance(5000);
  assert.equal(lines.length, 2, 'nothing to say of a period without events');
  performance.stop();
});
