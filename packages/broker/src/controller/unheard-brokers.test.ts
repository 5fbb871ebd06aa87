import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ManualClock } from '@skarab/base/testing';
import type { BrokerIdAndEpoch, LeaderAndEpoch, MetadataImage } from '@skarab/metadata';
import type { Address, ConversationEvents, Dialer } from '@skarab/network';
import { UnheardBrokers } from './unheard-brokers.ts';

const LEADING: LeaderAndEpoch = { leaderId: 100, epoch: 7 };

/** A controller with brokers at ports of their ids, and a network that remembers who is called. */
function newActiveController() {
  const clock = new ManualClock(0);
  const called: number[] = [];
  const hungUp: number[] = [];
  const doubted: unknown[][] = [];
  const events = new Map<number, ConversationEvents>();
  const registered = [1, 2].map(
    (id) => [id, { listeners: new Map([['PLAINTEXT', { host: 'h', port: id }]]) }] as const,
  );
  const controller = {
    image: { cluster: { brokers: new Map(registered) } } as unknown as MetadataImage,
    leader: LEADING,
    unheardBrokers: null as readonly BrokerIdAndEpoch[] | null,
    doubtBroker: (...broker: unknown[]) => doubted.push(broker.slice(0, 2)),
  };
  const dialer: Dialer = {
    dial: ({ port }: Address, happens) => {
      called.push(port);
      events.set(port, happens);
      const close = (): void => {
        hungUp.push(port);
        happens.onClosed('closed by this side');
      };
      return { write: () => assert.fail('nothing is said'), close };
    },
  };
  const brokers = new UnheardBrokers(100, controller, dialer, clock);
  return { clock, brokers, controller, called, hungUp, doubted, events };
}

test('a broker that was not heard of is called, and doubted when it takes no connection', async () => {
  const { clock, brokers, controller, called, hungUp, doubted, events } = newActiveController();
  brokers.onControllerChange(LEADING);
  clock.advance(400);
  controller.unheardBrokers = [
    { id: 1, epoch: 11 },
    { id: 2, epoch: 12 },
    { id: 3, epoch: 13 },
  ];
  assert.deepEqual(called, []);
  clock.advance(100);
  assert.deepEqual(called, [1, 2], 'who is not registered any more has no address');
  events.get(1)!.onOpen();
  events.get(2)!.onClosed('connection refused');
  await turn();
  assert.ok(hungUp.includes(1));
  assert.deepEqual(doubted, [[2, 12]]);
  clock.advance(60_000);
  assert.deepEqual(called, [1, 2], 'once');
});

test('a broker that neither takes nor refuses a connection is not doubted', async () => {
  const { clock, brokers, controller, hungUp, doubted } = newActiveController();
  controller.unheardBrokers = [{ id: 1, epoch: 11 }];
  brokers.onControllerChange(LEADING);
  clock.advance(10_000);
  await turn();
  assert.deepEqual(hungUp, [1]);
  assert.deepEqual(doubted, []);
});

test('nobody is called before this controller is active, or once another one is', () => {
  const { clock, brokers, controller, called } = newActiveController();
  brokers.onControllerChange({ leaderId: 101, epoch: 6 });
  brokers.onControllerChange(LEADING);
  clock.advance(1000);
  assert.deepEqual(called, []);
  controller.unheardBrokers = [{ id: 1, epoch: 11 }];
  clock.advance(500);
  assert.deepEqual(called, [1]);
  brokers.onControllerChange(LEADING);
  controller.leader = { leaderId: 101, epoch: 8 };
  clock.advance(1000);
  assert.deepEqual(called, [1]);
});
