import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger, TransportError } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import { type BrokerHeartbeatResponse, ErrorCode, newBrokerHeartbeatResponse } from '@skarab/protocol';
import { type ActiveController, ActiveControllerChannel, type Asked } from './active-controller-channel.ts';

const api = { apiKey: 63, encode: () => {}, decode: () => newBrokerHeartbeatResponse() };

/** A channel over nodes that answer what `answers` holds, in this order; an Error is thrown. */
function channelOver(answers: Record<number, (Error | BrokerHeartbeatResponse)[]>, first: number) {
  const clock = new ManualClock(0);
  const asked: number[] = [];
  /** Nodes that never answer, each with what ends the wait for it. */
  const silent = new Map<number, ((reason: Error) => void) | undefined>();
  let active: ActiveController | 'self' | undefined = { nodeId: first, address: { host: 'h', port: first } };
  const channel = new ActiveControllerChannel({
    active: () => active,
    channelTo: (nodeId) =>
      ({
        send: () => {
          asked.push(nodeId);
          if (silent.has(nodeId)) return new Promise((_resolve, reject) => silent.set(nodeId, reject));
          const answer = answers[nodeId]?.shift() ?? new TransportError('DISCONNECTED', 'gone');
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
        },
        close: () => silent.get(nodeId)?.(new TransportError('DISCONNECTED', 'closed by this side')),
      }) as Asked,
    attemptTimeoutMs: 500,
    timeoutMs: 1000,
    retryBackoffMs: 100,
    clock,
    logger: silentLogger,
  });
  const elect = (nodeId: number | 'self' | undefined): void => {
    active = typeof nodeId !== 'number' ? nodeId : { nodeId, address: { host: 'h', port: nodeId } };
  };
  return { channel, clock, asked, silent, elect };
}

/** Lets promises settle, then time pass. */
async function pass(clock: ManualClock, ms: number): Promise<void> {
  await new Promise(setImmediate);
  clock.advance(ms);
  await new Promise(setImmediate);
}

test('a node that is not the controller any more is no answer: the next one is asked', async () => {
  const { channel, clock, asked, elect } = channelOver(
    {
      1: [newBrokerHeartbeatResponse({ errorCode: ErrorCode.NOT_CONTROLLER })],
      2: [newBrokerHeartbeatResponse({ isCaughtUp: true })],
    },
    1,
  );
  const answer = channel.call(api, {});
  await pass(clock, 0);
  elect(2);
  await pass(clock, 100);
  assert.equal((await answer).isCaughtUp, true);
  assert.deepEqual(asked, [1, 2]);
});

test('a controller that never answers is not waited for when another one is active', async () => {
  const { channel, clock, asked, silent, elect } = channelOver(
    { 2: [newBrokerHeartbeatResponse({ isCaughtUp: true })] },
    1,
  );
  silent.set(1, undefined);
  const answer = channel.call(api, {});
  await pass(clock, 0);
  elect(undefined);
  channel.onControllerChange();
  await pass(clock, 100);
  assert.deepEqual(asked, [1], 'nobody else is there, and it may still answer');
  elect(2);
  channel.onControllerChange();
  await pass(clock, 100);
  assert.equal((await answer).isCaughtUp, true);
  assert.deepEqual(asked, [1, 2]);
});

test('a broken connection is tried again, and time runs out', async () => {
  const { channel, clock, asked } = channelOver({}, 1);
  const answer = channel.call(api, {});
  answer.catch(() => {});
  for (let i = 0; i < 11; i++) await pass(clock, 100);
  await assert.rejects(answer, { code: 'REQUEST_TIMED_OUT' });
  assert.equal(asked.length, 10);
});

test('nobody is asked while nobody is active, and requests keep their order', async () => {
  const { channel, clock, elect } = channelOver(
    { 1: [newBrokerHeartbeatResponse({ throttleTimeMs: 1 }), newBrokerHeartbeatResponse({ throttleTimeMs: 2 })] },
    1,
  );
  elect(undefined);
  const answers = Promise.all([channel.call(api, {}), channel.call(api, {})]);
  await pass(clock, 100);
  elect(1);
  await pass(clock, 100);
  assert.deepEqual(
    (await answers).map(({ throttleTimeMs }) => throttleTimeMs),
    [1, 2],
  );
});

test('an API that the controller does not know is an error at once', async () => {
  const { channel } = channelOver({ 1: [new TransportError('UNSUPPORTED_VERSION', 'no')] }, 1);
  await assert.rejects(channel.call(api, {}), { code: 'UNSUPPORTED_VERSION' });
});

test('a request that waits learns that this node is the active one', async () => {
  const { channel, clock, elect } = channelOver({}, 1);
  const answer = channel.call(api, {});
  answer.catch(() => {});
  await pass(clock, 0);
  elect('self');
  await pass(clock, 100);
  await assert.rejects(answer, { code: 'NOT_CONTROLLER' });
});

test('requests without end do not wait: those beyond a bound are refused at once', async () => {
  const { channel, elect } = channelOver({}, 1);
  elect(undefined);
  const waiting = Array.from({ length: 10_000 }, () => channel.call(api, {}));
  for (const answer of waiting) answer.catch(() => {});
  await assert.rejects(channel.call(api, {}), { code: 'REQUEST_TIMED_OUT' });
});
