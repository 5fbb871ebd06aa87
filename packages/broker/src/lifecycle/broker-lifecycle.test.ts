import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StateError, silentLogger, systemClock } from '@skarab/base';
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
