import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, StateError, silentLogger, systemClock } from '@skarab/base';
import { ErrorCode, newBrokerHeartbeatResponse, newBrokerRegistrationRequest } from '@skarab/protocol';
import { BrokerLifecycle, type BrokerLifecycleOptions, type ControllerPort } from './broker-lifecycle.ts';

const DIRECTORY = 'AAAAAAAAAAAAAAAAAAAAAQ';

function lifecycle(
  controller: Partial<ControllerPort>,
  options: Partial<BrokerLifecycleOptions> = {},
): BrokerLifecycle {
  return new BrokerLifecycle({
    registration: newBrokerRegistrationRequest({ brokerId: 1 }),
    controller: {
      registerBroker: async () => ({ throttleTimeMs: 0, errorCode: ErrorCode.NONE, brokerEpoch: 7n }),
      heartbeat: async () => newBrokerHeartbeatResponse({ isCaughtUp: true, isFenced: false }),
      ...controller,
    },
    isQuorumPossible: async () => true,
    metadataOffset: () => 1,
    offlineDirectories: () => [],
    heartbeatIntervalMs: 20,
    registrationTimeoutMs: 1000,
    clock: systemClock,
    logger: silentLogger,
    ...options,
  });
}

test('a broker that cannot register in time gives up', { timeout: 5000 }, async () => {
  const keepAlive = setInterval(() => {}, 100);
  const unreachable = { registerBroker: () => Promise.reject(new Error('nobody there')) };
  await assert.rejects(
    lifecycle(unreachable, { registrationTimeoutMs: 60 }).register(),
    new StateError('unable to register with the controller quorum within 60 ms'),
  );
  clearInterval(keepAlive);
});

for (const isHeard of [true, false]) {
  test(`a failed directory that the controller ${isHeard ? 'hears' : 'does not hear'} of`, {
    timeout: 5000,
  }, async () => {
    const keepAlive = setInterval(() => {}, 100);
    let offline: string[] = [];
    const told: string[][] = [];
    const broker = lifecycle(
      {
        heartbeat: async ({ offlineLogDirs }) => {
          told.push([...offlineLogDirs]);
          if (offlineLogDirs.length > 0 && !isHeard) throw new Error('connection lost');
          return newBrokerHeartbeatResponse({ isCaughtUp: true, isFenced: false });
        },
      },
      { offlineDirectories: () => offline },
    );
    await broker.register();
    await broker.whenRunning();
    offline = [DIRECTORY];
    let unheard = 0;
    broker.reportOfflineDirectory(DIRECTORY, 50, () => unheard++);
    await new Promise((resolve) => setTimeout(resolve, 120));
    assert.ok(told.some((directories) => directories.includes(DIRECTORY)));
    assert.equal(unheard, isHeard ? 0 : 1);
    broker.stop();
    clearInterval(keepAlive);
  });
}

test('a new controller hears of the broker at once', { timeout: 5000 }, async () => {
  const keepAlive = setInterval(() => {}, 100);
  let heartbeats = 0;
  const heartbeat = async () => {
    heartbeats++;
    return newBrokerHeartbeatResponse({ isCaughtUp: true, isFenced: false });
  };
  const broker = lifecycle({ heartbeat }, { heartbeatIntervalMs: 60_000 });
  broker.onNewController();
  assert.equal(heartbeats, 0, 'not registered yet');
  await broker.register();
  await broker.whenRunning();
  const before = heartbeats;
  // The heartbeat before it may still be on its way back.
  await new Promise((resolve) => setTimeout(resolve, 20));
  broker.onNewController();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(heartbeats, before + 1);
  broker.stop();
  clearInterval(keepAlive);
});

/** Time that passes a hundred times as fast. */
const fastClock: Clock = {
  ...systemClock,
  monotonicMs: () => performance.now() * 100,
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs / 100);
    return { cancel: () => clearTimeout(timer) };
  },
};

for (const { title, isGone, isAnswered, isGivenUp } of [
  { title: 'is given up when the quorum is gone', isGone: () => true, isAnswered: false, isGivenUp: true },
  { title: 'waits for a controller while there can be one', isGone: () => false, isAnswered: false, isGivenUp: false },
  { title: 'waits while a controller answers', isGone: () => true, isAnswered: true, isGivenUp: false },
  {
    title: 'waits for voters that are restarted',
    isGone: (sinceMs: number) => sinceMs % 2000 < 1200,
    isAnswered: false,
    isGivenUp: false,
  },
]) {
  test(`a controlled shutdown ${title}`, { timeout: 5000 }, async () => {
    let startMs = Number.POSITIVE_INFINITY;
    const broker = lifecycle(
      {
        heartbeat: async ({ wantShutDown }) => {
          if (wantShutDown && !isAnswered) throw new Error('nobody there');
          return newBrokerHeartbeatResponse({ isCaughtUp: true, isFenced: false, shouldShutDown: false });
        },
      },
      { clock: fastClock, isQuorumPossible: async () => !isGone(fastClock.monotonicMs() - startMs) },
    );
    await broker.register();
    await broker.whenRunning();
    startMs = fastClock.monotonicMs();
    await broker.shutDown(10_000);
    const tookMs = fastClock.monotonicMs() - startMs;
    if (isGivenUp) assert.ok(tookMs >= 1500 && tookMs < 6000, `${tookMs} ms`);
    else assert.ok(tookMs >= 9900, `${tookMs} ms`);
    assert.equal(broker.state, 'stopped');
  });
}
