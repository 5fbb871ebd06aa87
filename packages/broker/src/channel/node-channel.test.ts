import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { ManualClock } from '@skarab/base/testing';
import type { Address, ConversationEvents, Dialer } from '@skarab/network';
import {
  ApiKey,
  decodeListGroupsResponse,
  decodeRequestFrame,
  encodeApiVersionsResponse,
  encodeListGroupsRequest,
  encodeListGroupsResponse,
  encodeResponseFrame,
  newApiVersionsResponse,
  newListGroupsRequest,
  newListGroupsResponse,
} from '@skarab/protocol';
import { NodeChannel, type NodeChannelOptions } from './node-channel.ts';

const listGroups = {
  apiKey: ApiKey.LIST_GROUPS,
  encode: encodeListGroupsRequest,
  decode: decodeListGroupsResponse,
};
const apiKeys = [ApiKey.API_VERSIONS, ApiKey.LIST_GROUPS].map((apiKey) => ({ apiKey, minVersion: 0, maxVersion: 4 }));

/** A network of one node, which may be away. */
class FakeNetwork implements Dialer {
  isUp = true;
  readonly dialed: Address[] = [];
  readonly open: ConversationEvents[] = [];

  dial(address: Address, events: ConversationEvents) {
    this.dialed.push(address);
    queueMicrotask(() => {
      if (!this.isUp) events.onClosed('refused');
      else {
        this.open.push(events);
        events.onOpen();
      }
    });
    return { write: (chunks: readonly Uint8Array[]) => this.#answer(events, Buffer.concat(chunks)), close: () => {} };
  }

  #answer(events: ConversationEvents, bytes: Buffer): void {
    const { apiKey, apiVersion, header } = decodeRequestFrame(bytes.subarray(4));
    const chunks =
      apiKey === ApiKey.API_VERSIONS
        ? encodeResponseFrame(
            header.correlationId,
            apiKey,
            apiVersion,
            encodeApiVersionsResponse,
            newApiVersionsResponse({ apiKeys }),
          )
        : encodeResponseFrame(
            header.correlationId,
            apiKey,
            apiVersion,
            encodeListGroupsResponse,
            newListGroupsResponse(),
          );
    const response = Buffer.concat(chunks as Uint8Array[]);
    queueMicrotask(() => events.onBytes(response, response.length));
  }
}

function channelTo(network: FakeNetwork, clock: ManualClock, changes: Partial<NodeChannelOptions> = {}): NodeChannel {
  return new NodeChannel({
    nodeId: 2,
    address: () => ({ host: 'node2', port: 9 }),
    clientId: 'test',
    dialer: network,
    maxInFlight: 5,
    maxResponseBytes: 1 << 20,
    setupTimeout: { initialMs: 100, maxMs: 1000 },
    reconnect: { initialMs: 50, maxMs: 1000 },
    requestTimeoutMs: 1000,
    clock,
    random: seededRandom(1),
    ...changes,
  });
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('requests share one connection, which is made again after it broke', async () => {
  const network = new FakeNetwork();
  const channel = channelTo(network, new ManualClock(0));
  const ask = (): Promise<unknown> => channel.send(listGroups, newListGroupsRequest(), 1000);
  await Promise.all([ask(), ask()]);
  await ask();
  assert.equal(network.dialed.length, 1);
  network.open[0]!.onClosed('reset');
  await ask();
  assert.equal(network.dialed.length, 2);
});

test('attempts that fail fail at once, and the next one waits longer each time', async () => {
  const network = new FakeNetwork();
  network.isUp = false;
  const clock = new ManualClock(0);
  const channel = channelTo(network, clock);
  const ask = (): Promise<unknown> => channel.send(listGroups, newListGroupsRequest(), 1000);
  await assert.rejects(ask(), { code: 'REFUSED' });
  const second = assert.rejects(ask(), { code: 'REFUSED' });
  clock.advance(39);
  await settle();
  assert.equal(network.dialed.length, 1);
  clock.advance(21);
  await second;
  assert.equal(network.dialed.length, 2);
  network.isUp = true;
  const third = ask();
  clock.advance(79);
  await settle();
  assert.equal(network.dialed.length, 2);
  clock.advance(41);
  await third;
  assert.equal(network.dialed.length, 3);
});

test('a node that moved is found at its new address; without one nothing is tried', async () => {
  const network = new FakeNetwork();
  let address: Address | undefined = { host: 'here', port: 1 };
  const channel = channelTo(network, new ManualClock(0), {
    address: () => address,
    reconnect: { initialMs: 0, maxMs: 0 },
  });
  const ask = (): Promise<unknown> => channel.send(listGroups, newListGroupsRequest(), 1000);
  await ask();
  address = { host: 'there', port: 2 };
  await ask();
  assert.deepEqual(network.dialed, [
    { host: 'here', port: 1 },
    { host: 'there', port: 2 },
  ]);
  network.open[1]!.onClosed('reset');
  address = undefined;
  await assert.rejects(ask(), { code: 'UNKNOWN_ADDRESS' });
});

test('a closed channel sends nothing', async () => {
  const network = new FakeNetwork();
  const channel = channelTo(network, new ManualClock(0));
  const early = channel.send(listGroups, newListGroupsRequest(), 1000);
  channel.close();
  await assert.rejects(early, { code: 'STATE' });
  await assert.rejects(channel.send(listGroups, newListGroupsRequest(), 1000), { code: 'STATE' });
});
