import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { TimerQueue } from './timer-queue.ts';

function drain(timers: TimerQueue<string>, nowMs: number): string[] {
  const fired: string[] = [];
  for (;;) {
    const due = timers.takeDue(nowMs);
    if (due === null) return fired;
    fired.push(`${due.key}:${due.task}`);
  }
}

test('timers fire by deadline, then in the order they were scheduled', () => {
  const timers = new TimerQueue<string>();
  timers.schedule('b', 10, '1');
  timers.schedule('a', 10, '2');
  timers.schedule('c', 5, '3');
  assert.equal(timers.nextDeadlineMs(), 5);
  assert.deepEqual(drain(timers, 10), ['c:3', 'b:1', 'a:2']);
  assert.deepEqual([timers.nextDeadlineMs(), timers.size], [null, 0]);
});

test('scheduling again replaces, earlier or later', () => {
  const timers = new TimerQueue<string>();
  timers.schedule('a', 10, 'old');
  timers.schedule('b', 10, 'old');
  timers.schedule('a', 20, 'later');
  timers.schedule('b', 5, 'earlier');
  assert.equal(timers.nextDeadlineMs(), 5);
  assert.deepEqual(drain(timers, 10), ['b:earlier']);
  assert.equal(timers.nextDeadlineMs(), 20);
  assert.deepEqual(drain(timers, 20), ['a:later']);
});

test('a cancelled timer is gone', () => {
  const timers = new TimerQueue<string>();
  timers.schedule('a', 10, 'x');
  timers.cancel('a');
  timers.cancel('a');
  assert.deepEqual([timers.isScheduled('a'), timers.nextDeadlineMs(), drain(timers, 100)], [false, null, []]);
});

test('random schedules agree with a sorted list', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const random = seededRandom(seed);
    const timers = new TimerQueue<string>();
    const model = new Map<string, { deadlineMs: number; order: number }>();
    let nowMs = 0;
    for (let step = 0; step < 300; step++) {
      const key = `k${random.int(12)}`;
      if (random.int(5) === 0) {
        timers.cancel(key);
        model.delete(key);
      } else {
        const deadlineMs = nowMs + random.int(50);
        timers.schedule(key, deadlineMs, String(step));
        model.set(key, { deadlineMs, order: step });
      }
      if (random.int(4) === 0) {
        nowMs += random.int(30);
        const due = [...model].filter(([, timer]) => timer.deadlineMs <= nowMs);
        due.sort(([, a], [, b]) => a.deadlineMs - b.deadlineMs || a.order - b.order);
        for (const [name] of due) model.delete(name);
        const expected = due.map(([name, timer]) => `${name}:${timer.order}`);
        assert.deepEqual(drain(timers, nowMs), expected, `seed ${seed} step ${step}`);
      }
      const earliest = model.size === 0 ? null : Math.min(...[...model.values()].map((timer) => timer.deadlineMs));
      assert.equal(timers.nextDeadlineMs(), earliest, `seed ${seed} step ${step}`);
    }
  }
});

test('all deadlines are moved, in their order', () => {
  const timers = new TimerQueue<string>();
  for (const [i, key] of ['c', 'a', 'b'].entries()) timers.schedule(key, 100 + (i % 2), `${i}`);
  timers.schedule('a', 150, 'later');
  timers.shift(-90);
  assert.equal(timers.nextDeadlineMs(), 10);
  assert.deepEqual(drain(timers, 59), ['c:0', 'b:2']);
  assert.deepEqual(drain(timers, 60), ['a:later']);
});
