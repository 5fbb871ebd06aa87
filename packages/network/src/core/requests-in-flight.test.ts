import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestsInFlight } from './requests-in-flight.ts';

test('responses are matched in the order of the requests, and only in that', () => {
  const requests = new RequestsInFlight<string>(2);
  const first = requests.add(0, 13, 100, 'a');
  const second = requests.add(1, 17, 50, 'b');
  assert.equal(requests.isFull, true);
  assert.equal(requests.nextDeadlineMs, 50);
  assert.equal(requests.take(second.correlationId), undefined);
  assert.equal(requests.take(first.correlationId), first);
  assert.equal(requests.isFull, false);
  assert.equal(requests.nextDeadlineMs, 50);
  assert.deepEqual(requests.drain(), [second]);
  assert.equal(requests.take(second.correlationId), undefined);
  assert.equal(requests.nextDeadlineMs, undefined);
});
