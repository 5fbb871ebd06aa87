import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigResourceType, type DynamicBrokerConfig } from '@skarab/config';
import { ErrorCode } from '@skarab/protocol';
import { AlterationKind, checkAlterations } from './alteration-check.ts';

const parts = {
  nodeId: 1,
  broker: { validate: () => undefined } as unknown as DynamicBrokerConfig,
  stored: () => new Map<string, string>(),
};
const ofBroker = (resourceName: string) => ({
  resourceType: ConfigResourceType.BROKER,
  resourceName,
  configs: [{ name: 'log.cleaner.threads', value: '2', configOperation: AlterationKind.SET }],
});

test('a broker checks what is meant for itself; a controller leaves it to the broker that has passed it on', () => {
  const resources = ['1', '', '3', 'three'].map(ofBroker);
  assert.deepEqual(
    [...checkAlterations(parts, resources)],
    [
      [2, { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: 'Unexpected broker id, expected 1, but received 3' }],
      [3, { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: 'Node id must be an integer, but it is: three' }],
    ],
  );
  assert.equal(checkAlterations({ ...parts, isController: true }, resources).size, 0);
});
