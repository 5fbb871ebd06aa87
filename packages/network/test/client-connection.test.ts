import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@skarab/base';
import {
  type ClientApi,
  ClientConnection,
  type ClientConnectionOptions,
  type FrameHandler,
  type FrameMemory,
  type Listener,
  type ResponseChunks,
  tcpDialer,
} from '@skarab/network';
import {
  ApiKey,
  decodeListGroupsResponse,
  decodeRequestFrame,
  ErrorCode,
  encodeApiVersionsResponse,
  encodeListGroupsRequest,
  encodeListGroupsResponse,
  encodeResponseFrame,
  type ListGroupsRequest,
  type ListGroupsResponse,
  newApiVersionsResponse,
  newListedGroup,
  newListGroupsRequest,
  newListGroupsResponse,
} from '@skarab/protocol';
import { bindListener } from './test-listener.ts';

type Respond = (response: ResponseChunks | null) => void;

const listGroups: ClientApi<ListGroupsRequest, ListGroupsResponse> = {
  apiKey: ApiKey.LIST_GROUPS,
  encode: encodeListGroupsRequest,
  decode: decodeListGroupsResponse,
};

/** Serves ApiVersions, and ListGroups up to version 3 with the protocol of the one group that was asked for. */
class FakeNode implements FrameHandler {
  readonly versions: number[] = [];
  readonly held: (() => void)[] = [];
  holds = false;
  apiVersionsMax = 4;
  correlationOffset = 0;
  groupIds: readonly string[] = [];

  overlaps(): boolean {
    return true;
  }

  handle(_connection: unknown, frame: Buffer, respond: Respond): void {
    const { apiKey, apiVersion, header } = decodeRequestFrame(frame);
    const { correlationId } = header;
    if (apiKey === ApiKey.API_VERSIONS) {
      const isKnown = apiVersion <= this.apiVersionsMax;
      const message = newApiVersionsResponse({
        errorCode: isKnown ? ErrorCode.NONE : ErrorCode.UNSUPPORTED_VERSION,
        apiKeys: [
          { apiKey: ApiKey.API_VERSIONS, minVersion: 0, maxVersion: this.apiVersionsMax },
          ...(isKnown ? [{ apiKey: ApiKey.LIST_GROUPS, minVersion: 0, maxVersion: 3 }] : []),
        ],
      });
      const version = isKnown ? apiVersion : 0;
      respond(encodeResponseFrame(correlationId, apiKey, version, encodeApiVersionsResponse, message) as Uint8Array[]);
      return;
    }
    this.versions.push(apiVersion);
    const message = newListGroupsResponse({
      throttleTimeMs: this.versions.length,
      groups: this.groupIds.map((groupId) => newListedGroup({ groupId })),
    });
    const id = correlationId + this.correlationOffset;
    const answer = (): void =>
      respond(encodeResponseFrame(id, apiKey, apiVersion, encodeListGroupsResponse, message) as Uint8Array[]);
    if (this.holds) this.held.push(answer);
    else answer();
  }

  onClosed(): void {}
}

async function serve(t: TestContext, handler: FrameHandler): Promise<Listener> {
  const listener = await bindListener(handler);
  listener.open();
  t.after(() => listener.stop(0));
  return listener;
}

function options(changes: Partial<ClientConnectionOptions> = {}): ClientConnectionOptions {
  return {
    dialer: tcpDialer,
    clientId: 'test',
    software: { name: 'skarab', version: '0.1.0' },
    maxInFlight: 3,
    maxResponseBytes: 1 << 20,
    setupTimeoutMs: 5000,
    requestTimeoutMs: 5000,
    clock: systemClock,
    ...changes,
  };
}

async function open(t: TestContext, listener: Listener, changes?: Partial<ClientConnectionOptions>) {
  const connection = await ClientConnection.open({ host: '127.0.0.1', port: listener.port }, options(changes));
  t.after(() => connection.close());
  return connection;
}

test('requests go out in the highest common version, and answers find their callers', async (t) => {
  const node = new FakeNode();
  const connection = await open(t, await serve(t, node));
  const answers = await Promise.all([1, 2, 3].map(() => connection.send(listGroups, newListGroupsRequest(), 5000)));
  assert.deepEqual(
    answers.map(({ throttleTimeMs }) => throttleTimeMs),
    [1, 2, 3],
  );
  assert.deepEqual(node.versions, [3, 3, 3]);
  await connection.send({ ...listGroups, maxVersion: 1 }, newListGroupsRequest(), 5000);
  assert.equal(node.versions.at(-1), 1);
  const unknown = { ...listGroups, apiKey: ApiKey.VOTE };
  await assert.rejects(connection.send(unknown, newListGroupsRequest(), 5000), { code: 'UNSUPPORTED_VERSION' });
  assert.equal(connection.isClosed, false);
});

test('a node that does not know our ApiVersions is asked again in its own version', async (t) => {
  const node = new FakeNode();
  node.apiVersionsMax = 2;
  const connection = await open(t, await serve(t, node));
  assert.equal(connection.versionOf(ApiKey.LIST_GROUPS), 3);
});

/** One buffer for all responses, and how many of them are out. */
class OneBuffer implements FrameMemory {
  readonly #memory = Buffer.alloc(1 << 20);
  held = 0;

  acquire(length: number): Buffer {
    this.held++;
    return this.#memory.subarray(0, length);
  }

  release(frame: Buffer): void {
    assert.equal(frame.buffer, this.#memory.buffer);
    this.held--;
    this.#memory.fill(0xff);
  }
}

test('a response that is lent is whole while it is used, and its memory is used anew', async (t) => {
  const node = new FakeNode();
  const frameMemory = new OneBuffer();
  const connection = await open(t, await serve(t, node), { frameMemory });
  const { held } = frameMemory;
  const ask = <Result>(use: (response: ListGroupsResponse) => Result): Promise<Result> =>
    connection.exchange(listGroups, newListGroupsRequest(), 5000, use);
  // Small ones come by way of the buffer that all share, the rest of a large one goes to where it stays.
  for (const size of [1, 20, 20_000, 3000, 30_000]) {
    node.groupIds = Array.from({ length: size }, (_, index) => `group-${index}-of-${size}`);
    const seen = await ask(({ groups }) => groups.map(({ groupId }) => groupId));
    assert.deepEqual(seen, node.groupIds);
    assert.equal(frameMemory.held, held);
  }
  const failure = new Error('cannot use that');
  const failed = ask(() => {
    throw failure;
  });
  await assert.rejects(failed, failure);
  assert.equal(frameMemory.held, held);
  assert.equal(await ask(({ groups }) => groups.length), 30_000);
  node.groupIds = [];
  await connection.send(listGroups, newListGroupsRequest(), 5000);
  assert.equal(frameMemory.held, held + 1, 'what is not lent is kept');
});

test('no more requests than allowed are in flight', async (t) => {
  const node = new FakeNode();
  node.holds = true;
  const connection = await open(t, await serve(t, node));
  const sent = [1, 2, 3].map(() => connection.send(listGroups, newListGroupsRequest(), 5000));
  await assert.rejects(connection.send(listGroups, newListGroupsRequest(), 5000), { code: 'TOO_MANY_REQUESTS' });
  while (node.held.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  for (const answer of node.held) answer();
  await Promise.all(sent);
  assert.equal(connection.inFlight, 0);
});

test('a request that is not answered in time ends the connection and fails all others', async (t) => {
  const node = new FakeNode();
  node.holds = true;
  const connection = await open(t, await serve(t, node));
  const patient = connection.send(listGroups, newListGroupsRequest(), 60_000);
  const hasty = connection.send(listGroups, newListGroupsRequest(), 20);
  await assert.rejects(hasty, { code: 'TIMEOUT', retriable: true });
  await assert.rejects(patient, { code: 'TIMEOUT' });
  assert.equal(connection.isClosed, true);
  await assert.rejects(connection.send(listGroups, newListGroupsRequest(), 20), { code: 'TIMEOUT' });
});

test('what was not asked for ends the connection', async (t) => {
  const node = new FakeNode();
  node.correlationOffset = 1;
  const connection = await open(t, await serve(t, node));
  await assert.rejects(connection.send(listGroups, newListGroupsRequest(), 5000), { code: 'BAD_RESPONSE' });
});

test('a node that goes away fails what is in flight', async (t) => {
  const node = new FakeNode();
  node.holds = true;
  const listener = await serve(t, node);
  const connection = await open(t, listener);
  const sent = connection.send(listGroups, newListGroupsRequest(), 60_000);
  listener.closeAll();
  await assert.rejects(sent, { code: 'DISCONNECTED', retriable: true });
});

test('a port where nobody listens, one that never answers, and one that speaks another protocol', async () => {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const mute = ClientConnection.open({ host: '127.0.0.1', port }, options({ requestTimeoutMs: 30 }));
  await assert.rejects(mute, { code: 'TIMEOUT' });
  server.on('connection', (socket) => {
    socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  const other = ClientConnection.open({ host: '127.0.0.1', port }, options());
  await assert.rejects(other, { code: 'BAD_RESPONSE' });
  server.close();
  await once(server, 'close');
  const nobody = ClientConnection.open({ host: '127.0.0.1', port }, options());
  await assert.rejects(nobody, { code: 'REFUSED' });
});

test('a connection that is not set up in time is given up', async () => {
  const never = { dial: () => ({ write: () => {}, close: () => {} }) };
  const opening = ClientConnection.open({ host: 'x', port: 1 }, options({ dialer: never, setupTimeoutMs: 5 }));
  const keepAlive = setTimeout(() => {}, 1000);
  await assert.rejects(opening, { code: 'CONNECT' });
  clearTimeout(keepAlive);
});
