/**
 * What a version cannot carry: refused or dropped as the schema says; what it does not know: kept.
 */
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { decodeFetchRequest, encodeFetchRequest, newFetchRequest } from '../src/generated/01-fetch.ts';
import { decodeMetadataRequest, encodeMetadataRequest, newMetadataRequest } from '../src/generated/03-metadata.ts';
import { encodeJoinGroupRequest, newJoinGroupRequest } from '../src/generated/11-join-group.ts';
import {
  decodeApiVersionsRequest,
  encodeApiVersionsRequest,
  newApiVersionsRequest,
} from '../src/generated/18-api-versions.ts';
import {
  ApiError,
  ErrorCode,
  errorName,
  isRetriable,
  isStaleMetadata,
  ProtocolError,
  Reader,
  Writer,
} from '../src/index.ts';

const unsupported = (message: RegExp) => (error: unknown) =>
  error instanceof ApiError && error.errorCode === ErrorCode.UNSUPPORTED_VERSION && message.test(error.message);

test('versions that do not exist are refused', () => {
  assert.throws(
    () => encodeFetchRequest(new Writer(), newFetchRequest(), 19),
    unsupported(/FetchRequest has no version 19/),
  );
  assert.throws(
    () => decodeFetchRequest(new Reader(new Uint8Array(100)), 3),
    unsupported(/FetchRequest has no version 3/),
  );
});

test('a field that must not be dropped is refused where the version lacks it', () => {
  const message = newJoinGroupRequest({ groupInstanceId: 'static' });
  assert.throws(
    () => encodeJoinGroupRequest(new Writer(), message, 4),
    unsupported(/JoinGroupRequest.groupInstanceId is set/),
  );
  encodeJoinGroupRequest(new Writer(), message, 5);
});

test('an ignorable field is dropped where the version lacks it', () => {
  const writer = new Writer();
  encodeFetchRequest(writer, newFetchRequest({ rackId: 'a' }), 10);
  assert.equal(decodeFetchRequest(new Reader(writer.toBytes()), 10).rackId, '');
});

test('null is refused where the version does not allow it', () => {
  assert.throws(
    () => encodeMetadataRequest(new Writer(), newMetadataRequest({ topics: null }), 0),
    unsupported(/topics cannot be null/),
  );
  const writer = new Writer();
  encodeMetadataRequest(writer, newMetadataRequest({ topics: null }), 1);
  const bytes = writer.toBytes();
  assert.equal(decodeMetadataRequest(new Reader(bytes), 1).topics, null);
  assert.throws(() => decodeMetadataRequest(new Reader(bytes), 0), ProtocolError);
});

test('unknown tagged fields survive a round trip', () => {
  const unknownTaggedFields = [{ tag: 70, data: Uint8Array.of(1, 2) }];
  const message = newApiVersionsRequest({ clientSoftwareName: 'x', clientSoftwareVersion: '1', unknownTaggedFields });
  const writer = new Writer();
  encodeApiVersionsRequest(writer, message, 3);
  assert.deepEqual(decodeApiVersionsRequest(new Reader(writer.toBytes()), 3), message);
  assert.throws(
    () => encodeApiVersionsRequest(new Writer(), newApiVersionsRequest({ unknownTaggedFields }), 2),
    unsupported(/no tagged fields at version 2/),
  );
});

test('the tagged field of a later version is refused, as by Kafka', () => {
  const writer = new Writer();
  const message = newFetchRequest();
  encodeFetchRequest(writer, message, 14);
  const bytes = writer.toBytes();
  const tagged = Buffer.concat([bytes.subarray(0, -1), Buffer.from([1, 1, 0])]);
  assert.throws(() => decodeFetchRequest(new Reader(tagged), 14), /FetchRequest has no tag 1 at version 14/);
});

test('a known tagged field must fill its size', () => {
  const writer = new Writer();
  encodeFetchRequest(writer, newFetchRequest(), 12);
  const bytes = writer.toBytes();
  const tagged = Buffer.concat([bytes.subarray(0, -1), Buffer.from([1, 0, 3, 2, 0x61, 0])]);
  assert.throws(() => decodeFetchRequest(new Reader(tagged), 12), /tagged field ends at/);
});

test('makers give fresh objects', () => {
  const message = newFetchRequest();
  message.topics.push({ topic: 'a', topicId: 'b', partitions: [] });
  assert.deepEqual(newFetchRequest().topics, []);
});

test('errors know their name and whether they pass', () => {
  const error = new ApiError(ErrorCode.NOT_LEADER_OR_FOLLOWER, 'moved');
  assert.deepEqual(
    [error.code, error.errorCode, error.retriable, error.message],
    ['NOT_LEADER_OR_FOLLOWER', 6, true, 'moved'],
  );
  assert.equal(new ApiError(ErrorCode.UNKNOWN_MEMBER_ID).message, 'UNKNOWN_MEMBER_ID');
  assert.equal(errorName(31000), 'UNKNOWN_SERVER_ERROR');
  assert.deepEqual([isRetriable(25), isStaleMetadata(6), isStaleMetadata(7)], [false, true, false]);
});
