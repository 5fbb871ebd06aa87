import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import {
  encodeFetchResponse,
  newFetchableTopicResponse,
  newFetchResponse,
  newFetchResponsePartitionData,
} from '../generated/01-fetch.ts';
import { encodeHeartbeatRequest, newHeartbeatRequest } from '../generated/12-heartbeat.ts';
import {
  decodeApiVersionsRequest,
  encodeApiVersionsResponse,
  newApiVersionsResponse,
} from '../generated/18-api-versions.ts';
import { ApiKey, apis } from '../generated/apis.ts';
import { apiCodecs } from '../generated/codecs.ts';
import { ErrorCode } from '../generated/errors.ts';
import { newRequestHeader } from '../generated/request-header.ts';
import {
  apiInfo,
  decodeRequestFrame,
  decodeResponseFrame,
  encodeRequestFrame,
  encodeResponseFrame,
  isKnownVersion,
  requestHeaderVersion,
  responseHeaderVersion,
} from './frames.ts';

/** An ApiVersions v3 request as a client sends it, without the length: client id 'app', software 'librdkafka' '2.0'. */
const API_VERSIONS_V3 = '00120003000000010003617070000b6c696272646b61666b6104322e3000';

test('a request frame is read up to its body', () => {
  const { apiKey, apiVersion, header, body } = decodeRequestFrame(Buffer.from(API_VERSIONS_V3, 'hex'));
  assert.deepEqual([apiKey, apiVersion], [18, 3]);
  assert.deepEqual(header, { requestApiKey: 18, requestApiVersion: 3, correlationId: 1, clientId: 'app' });
  assert.deepEqual(decodeApiVersionsRequest(body, 3), {
    clientSoftwareName: 'librdkafka',
    clientSoftwareVersion: '2.0',
  });
  body.expectEnd();
});

test('a request of an unknown version still has a header', () => {
  const bytes = Buffer.from(API_VERSIONS_V3, 'hex');
  bytes.writeInt16BE(99, 2);
  const { apiVersion, header } = decodeRequestFrame(bytes);
  assert.equal(apiVersion, 99);
  assert.equal(header.clientId, 'app');
  assert.equal(isKnownVersion(18, 99), false);
});

test('an unknown API is refused', () => {
  assert.throws(() => decodeRequestFrame(Buffer.from('7fff00000000000100', 'hex')), {
    errorCode: ErrorCode.INVALID_REQUEST,
  });
  assert.throws(() => decodeRequestFrame(Buffer.from('ffff00000000000100', 'hex')), {
    errorCode: ErrorCode.INVALID_REQUEST,
  });
  assert.equal(apiInfo(-1), undefined);
  assert.equal(apiInfo(ApiKey.LEADER_AND_ISR), undefined);
});

test('the ApiVersions response never has a flexible header', () => {
  const chunks = encodeResponseFrame(5, 18, 3, encodeApiVersionsResponse, newApiVersionsResponse({ errorCode: 35 }));
  assert.deepEqual(
    chunks.map((chunk) => Buffer.from(chunk as Uint8Array).toString('hex')),
    ['0000000c0000000500230100000000' + '00'],
  );
  assert.equal(responseHeaderVersion(18, 3), 0);
});

test('header versions follow flexibility', () => {
  for (const { key, validVersions, flexibleVersions } of apis) {
    for (let version = validVersions.min; version <= validVersions.max; version++) {
      const flexible = flexibleVersions !== null && version >= flexibleVersions.min;
      assert.equal(requestHeaderVersion(key, version), flexible ? 2 : 1);
      assert.equal(responseHeaderVersion(key, version), flexible && key !== 18 ? 1 : 0);
    }
  }
});

test('a request goes round', () => {
  const header = newRequestHeader({ requestApiKey: 12, requestApiVersion: 4, correlationId: -1, clientId: null });
  const message = newHeartbeatRequest({ groupId: 'g', generationId: 3, memberId: 'm' });
  const bytes = Buffer.concat(encodeRequestFrame(header, encodeHeartbeatRequest, message) as Uint8Array[]);
  assert.equal(bytes.readInt32BE(0), bytes.length - 4);
  const frame = decodeRequestFrame(bytes.subarray(4));
  assert.deepEqual(frame.header, header);
  assert.deepEqual(apiCodecs.get(12)?.request.decode(frame.body, 4), message);
});

test('the length of a response counts records that are elsewhere', () => {
  const partition = newFetchResponsePartitionData({ records: { byteLength: 5000 } });
  const message = newFetchResponse({ responses: [newFetchableTopicResponse({ partitions: [partition] })] });
  const chunks = encodeResponseFrame(1, ApiKey.FETCH, 18, encodeFetchResponse, message);
  const size = chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0);
  assert.equal(Buffer.from(chunks[0] as Uint8Array).readInt32BE(0), size - 4);
  assert.deepEqual(chunks[1], { byteLength: 5000 });
  const { header } = decodeResponseFrame((chunks[0] as Uint8Array).subarray(4), ApiKey.FETCH, 18);
  assert.deepEqual(header, { correlationId: 1 });
});
