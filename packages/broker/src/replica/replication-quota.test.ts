import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplicationQuota } from './replication-quota.ts';

test('whose replicas are throttled', () => {
  const quota = new ReplicationQuota(1, { count: 11, sizeMs: 1000 });
  quota.setThrottled('all', '*');
  quota.setThrottled('some', [
    { partition: 0, brokerId: 1 },
    { partition: 1, brokerId: 2 },
  ]);
  assert.deepEqual(
    [quota.isThrottled('all', 7), quota.isThrottled('some', 0), quota.isThrottled('some', 1)],
    [true, true, false],
  );
  quota.setThrottled('some', []);
  assert.equal(quota.isThrottled('some', 0), false);
});

test('the rate is that of the last windows, at least of one', () => {
  const quota = new ReplicationQuota(1, { count: 3, sizeMs: 1000 });
  quota.setThrottled('t', '*');
  quota.record(5000, 0);
  assert.equal(quota.holdsBack('t', 0, 0), false, 'no rate is set');
  quota.setRate(1000);
  assert.equal(quota.holdsBack('t', 0, 100), true);
  assert.equal(quota.holdsBack('t', 0, 2900), true);
  assert.equal(quota.holdsBack('other', 0, 100), false);
  assert.equal(quota.holdsBack('t', 0, 3000), false, 'the oldest window is over');
  for (let ms = 3000; ms <= 6000; ms += 100) quota.record(100, ms);
  assert.equal(quota.isExceeded(6000), true, '31 * 100 bytes within 3 seconds');
  assert.equal(quota.isExceeded(6200), false);
});
