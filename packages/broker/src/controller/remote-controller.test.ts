import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClientApi } from '@skarab/network';
import {
  ApiKey,
  decodeAddRaftVoterRequest,
  decodeCreateTopicsRequest,
  decodeRequestFrame,
  type EnvelopeRequest,
  ErrorCode,
  encodeAddRaftVoterResponse,
  encodeCreateTopicsResponse,
  encodeResponseFrame,
  newAddRaftVoterRequest,
  newAddRaftVoterResponse,
  newBrokerHeartbeatRequest,
  newBrokerHeartbeatResponse,
  newCreatableTopic,
  newCreateTopicsRequest,
  newCreateTopicsResponse,
  newEnvelopeResponse,
} from '@skarab/protocol';
import { decodePrincipal } from '@skarab/security';
import type { ControllerChannel, ControllerChannels } from './controller-channel.ts';
import { addressBytes, remoteController } from './remote-controller.ts';

/** Channels that answer everything in the same way. */
function channelsTo(answer: (apiKey: number, request: unknown) => unknown): ControllerChannels {
  const channel: ControllerChannel = {
    call: <Request, Response>({ apiKey }: ClientApi<Request, Response>, request: Request) =>
      Promise.resolve(answer(apiKey, request) as Response),
  };
  return { lifecycle: channel, replicas: channel, forwarding: channel };
}

const origin = { principal: { type: 'User', name: 'alice' }, host: '10.1.2.3', clientId: 'app' };
const access = { mayCreate: () => true, mayDescribeConfigs: () => true };
const request = newCreateTopicsRequest({ topics: [newCreatableTopic({ name: 'orders' })] });

test('a client’s request goes in an envelope, with its principal, address, client id and version', async () => {
  const controller = remoteController(
    channelsTo((apiKey, message) => {
      assert.equal(apiKey, ApiKey.ENVELOPE);
      const { requestData, requestPrincipal, clientHostAddress } = message as EnvelopeRequest;
      assert.deepEqual(decodePrincipal(requestPrincipal!), { type: 'User', name: 'alice' });
      assert.deepEqual([...clientHostAddress], [10, 1, 2, 3]);
      const { header, body } = decodeRequestFrame(requestData);
      assert.equal(header.requestApiVersion, 5);
      assert.equal(header.clientId, 'app');
      assert.equal(decodeCreateTopicsRequest(body, 5).topics[0]?.name, 'orders');
      const response = newCreateTopicsResponse({ throttleTimeMs: 7 });
      const chunks = encodeResponseFrame(0, ApiKey.CREATE_TOPICS, 5, encodeCreateTopicsResponse, response);
      return newEnvelopeResponse({ responseData: Buffer.concat(chunks as Uint8Array[]).subarray(4) });
    }),
  );
  const response = await controller.createTopics({ requestVersion: 5, origin }, request, access);
  assert.equal(response.throttleTimeMs, 7);
});

test('an envelope that is refused is an error of the request', async () => {
  const controller = remoteController(
    channelsTo(() => newEnvelopeResponse({ errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, responseData: null })),
  );
  await assert.rejects(controller.createTopics({ requestVersion: 5, origin }, request, access), {
    code: 'CLUSTER_AUTHORIZATION_FAILED',
  });
});

test('changes of the voters are forwarded like any other request of an admin', async () => {
  const controller = remoteController(
    channelsTo((apiKey, message) => {
      assert.equal(apiKey, ApiKey.ENVELOPE);
      const { header, body } = decodeRequestFrame((message as EnvelopeRequest).requestData);
      assert.equal(header.requestApiKey, ApiKey.ADD_RAFT_VOTER);
      assert.equal(decodeAddRaftVoterRequest(body, 1).voterId, 4);
      const response = newAddRaftVoterResponse({ errorCode: ErrorCode.DUPLICATE_VOTER });
      const chunks = encodeResponseFrame(0, ApiKey.ADD_RAFT_VOTER, 1, encodeAddRaftVoterResponse, response);
      return newEnvelopeResponse({ responseData: Buffer.concat(chunks as Uint8Array[]).subarray(4) });
    }),
  );
  const { errorCode } = await controller.addRaftVoter(
    { requestVersion: 1, origin },
    newAddRaftVoterRequest({ voterId: 4 }),
  );
  assert.equal(errorCode, ErrorCode.DUPLICATE_VOTER);
});

test('what the broker asks for itself goes as it is', async () => {
  const controller = remoteController(
    channelsTo((apiKey) => {
      assert.equal(apiKey, ApiKey.BROKER_HEARTBEAT);
      return newBrokerHeartbeatResponse({ isFenced: false });
    }),
  );
  const answer = await controller.processBrokerHeartbeat({ requestVersion: 2 }, newBrokerHeartbeatRequest());
  assert.equal(answer.isFenced, false);
});

test('addresses as bytes', () => {
  const hex = (host: string): string => Buffer.from(addressBytes(host)).toString('hex');
  assert.equal(hex('127.0.0.1'), '7f000001');
  assert.equal(hex('::1'), '00000000000000000000000000000001');
  assert.equal(hex('fe80::1%eth0'), 'fe800000000000000000000000000001');
  assert.equal(hex('2001:db8:1:2:3:4:5:6'), '20010db8000100020003000400050006');
  assert.equal(hex('::ffff:10.0.0.7'), '00000000000000000000ffff0a000007');
});
