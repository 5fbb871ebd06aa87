import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiKey, apiInfo } from '@skarab/protocol';
import { ApiVersionsTable } from './api-versions-table.ts';

test('the highest version that both sides know', () => {
  const ours = apiInfo(ApiKey.FETCH)!.validVersions;
  const table = new ApiVersionsTable([
    { apiKey: ApiKey.FETCH, minVersion: 4, maxVersion: 12 },
    { apiKey: ApiKey.PRODUCE, minVersion: 90, maxVersion: 99 },
    { apiKey: ApiKey.METADATA, minVersion: 0, maxVersion: 99 },
  ]);
  assert.equal(table.highestCommon(ApiKey.FETCH), 12);
  assert.equal(table.highestCommon(ApiKey.FETCH, 11), 11);
  assert.equal(table.highestCommon(ApiKey.FETCH, ours.min - 1), undefined);
  assert.equal(table.highestCommon(ApiKey.PRODUCE), undefined);
  assert.equal(table.highestCommon(ApiKey.METADATA), apiInfo(ApiKey.METADATA)!.validVersions.max);
  assert.equal(table.highestCommon(ApiKey.VOTE), undefined);
});
