import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControllerApi } from '@skarab/metadata';
import { ApiError, ErrorCode, newBrokerHeartbeatRequest } from '@skarab/protocol';
import { routedController } from './routed-controller.ts';

const named = (name: string, error?: ErrorCode): ControllerApi =>
  ({
    processBrokerHeartbeat: () => (error === undefined ? Promise.resolve(name) : Promise.reject(new ApiError(error))),
  }) as unknown as ControllerApi;

const ask = (controller: ControllerApi): Promise<unknown> =>
  controller.processBrokerHeartbeat({ requestVersion: 2 }, newBrokerHeartbeatRequest());

test('the own controller is asked while it leads, the other one otherwise', async () => {
  let leads = true;
  const own = (): ControllerApi | undefined => (leads ? named('own') : undefined);
  const controller = routedController({ own, remote: named('remote'), maxTurns: 3 });
  assert.equal(await ask(controller), 'own');
  leads = false;
  assert.equal(await ask(controller), 'remote');
});

test('a request follows the leadership, there and back', async () => {
  const answers = [named('own', ErrorCode.NOT_CONTROLLER), undefined, named('own')];
  const remote = named('remote', ErrorCode.NOT_CONTROLLER);
  assert.equal(await ask(routedController({ own: () => answers.shift(), remote, maxTurns: 3 })), 'own');
});

test('it does not follow for ever, and other errors are errors', async () => {
  const restless = named('own', ErrorCode.NOT_CONTROLLER);
  const lost = routedController({ own: () => restless, remote: named('remote'), maxTurns: 3 });
  await assert.rejects(ask(lost), { code: 'NOT_CONTROLLER' });
  const refusing = named('own', ErrorCode.STALE_BROKER_EPOCH);
  const refused = routedController({ own: () => refusing, remote: named('remote'), maxTurns: 3 });
  await assert.rejects(ask(refused), { code: 'STALE_BROKER_EPOCH' });
});
