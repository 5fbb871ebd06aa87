import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBrokerHeartbeatRequest } from '@skarab/protocol';
import { BrokerHeartbeats } from './broker-heartbeats.ts';

const beat = (fields: Parameters<typeof newBrokerHeartbeatRequest>[0]) =>
  newBrokerHeartbeatRequest({ brokerId: 1, currentMetadataOffset: 100n, ...fields });

test('a session ends when the broker is not heard of, and belongs to one incarnation', () => {
  const heartbeats = new BrokerHeartbeats(10);
  heartbeats.track({ id: 1, epoch: 5 }, 100);
  heartbeats.track({ id: 2, epoch: 6 }, 105);
  assert.equal(heartbeats.hasValidSession({ id: 1, epoch: 5 }, 110), true);
  assert.equal(heartbeats.hasValidSession({ id: 1, epoch: 7 }, 110), false);
  assert.equal(heartbeats.takeExpired(110), undefined);
  assert.deepEqual(heartbeats.takeExpired(111), { id: 1, epoch: 5 });
  assert.equal(heartbeats.takeExpired(111), undefined);
});

test('a doubt shortens a session, and the next heartbeat ends the doubt', () => {
  const heartbeats = new BrokerHeartbeats(1000);
  const broker = { id: 1, epoch: 5 };
  heartbeats.track(broker, 100);
  assert.equal(heartbeats.doubt({ id: 1, epoch: 4 }, 100, 50), false);
  assert.equal(heartbeats.hasValidSession(broker, 151), true, 'another incarnation');
  assert.equal(heartbeats.doubt(broker, 100, 50), true);
  assert.equal(heartbeats.doubt(broker, 120, 50), false);
  assert.equal(heartbeats.hasValidSession(broker, 150), true);
  assert.equal(heartbeats.hasValidSession(broker, 151), false, 'doubts do not add up');
  heartbeats.track(broker, 150);
  assert.equal(heartbeats.hasValidSession(broker, 1150), true);
  heartbeats.doubt(broker, 1149, 500);
  assert.equal(heartbeats.hasValidSession(broker, 1151), false, 'a session is never made longer');
});

test('a fenced broker is unfenced when it has caught up with its registration', () => {
  const heartbeats = new BrokerHeartbeats(10);
  heartbeats.register(1, true);
  const next = (fields: Parameters<typeof newBrokerHeartbeatRequest>[0]) =>
    heartbeats.nextState(beat(fields), 90, false);
  assert.deepEqual(next({ currentMetadataOffset: 89n }), { current: 'FENCED', next: 'FENCED' });
  assert.deepEqual(next({}), { current: 'FENCED', next: 'UNFENCED' });
  assert.deepEqual(next({ wantFence: true }), { current: 'FENCED', next: 'FENCED' });
  assert.deepEqual(next({ wantShutDown: true }), { current: 'FENCED', next: 'SHUTDOWN_NOW' });
});

test('a broker that wants to stop first gives up what it leads, then waits until all others know', () => {
  const heartbeats = new BrokerHeartbeats(10);
  for (const id of [1, 2]) {
    heartbeats.register(id, false);
    heartbeats.touch(id, false, 50);
  }
  const wantsToStop = beat({ wantShutDown: true });
  assert.deepEqual(heartbeats.nextState(wantsToStop, 10, true).next, 'CONTROLLED_SHUTDOWN');
  assert.deepEqual(heartbeats.nextState(wantsToStop, 10, false).next, 'SHUTDOWN_NOW');
  heartbeats.setControlledShutdownOffset(1, 60);
  assert.deepEqual([...heartbeats.usable()], [{ id: 2, fenced: false }]);
  assert.deepEqual(heartbeats.nextState(wantsToStop, 10, false), {
    current: 'CONTROLLED_SHUTDOWN',
    next: 'CONTROLLED_SHUTDOWN',
  });
  heartbeats.touch(2, false, 60);
  assert.deepEqual(heartbeats.nextState(wantsToStop, 10, false).next, 'SHUTDOWN_NOW');
});
