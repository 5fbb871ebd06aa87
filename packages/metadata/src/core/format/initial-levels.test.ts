import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialLevels } from './initial-levels.ts';

const levels = (changes: Partial<Parameters<typeof initialLevels>[0]> = {}, features: Record<string, number> = {}) =>
  Object.fromEntries(
    initialLevels({
      featureLevels: new Map(Object.entries(features)),
      hasDynamicQuorum: true,
      unstableFeatureVersionsEnabled: false,
      ...changes,
    }),
  );

test('a release decides the levels of all features, unless they are given', () => {
  assert.deepEqual(levels(), {
    'metadata.version': 30,
    'kraft.version': 1,
    'transaction.version': 2,
    'group.version': 1,
    'eligible.leader.replicas.version': 1,
    'share.version': 1,
    'streams.version': 1,
  });
  assert.deepEqual(levels({ releaseVersion: '3.7', hasDynamicQuorum: false }, { 'group.version': 1 }), {
    'metadata.version': 19,
    'kraft.version': 0,
    'transaction.version': 0,
    'group.version': 1,
    'eligible.leader.replicas.version': 0,
    'share.version': 0,
    'streams.version': 0,
  });
  assert.equal(levels({}, { 'metadata.version': 25 })['metadata.version'], 25);
  assert.equal(levels({ unstableFeatureVersionsEnabled: true })['metadata.version'], 31);
});

test('levels that cannot be are refused in the words of the storage tool', () => {
  assert.throws(
    () => levels({}, { 'no.such': 1 }),
    /^StateError: Unsupported feature: no.such. Supported features are: eligible/,
  );
  assert.throws(() => levels({}, { 'metadata.version': 31 }), /metadata.version 4.4-IV0 is not yet stable/);
  assert.throws(() => levels({ releaseVersion: '4.4' }), /Unknown metadata.version '4.4'. .*, 4.3-IV0$/);
  assert.throws(() => levels({ releaseVersion: '4.0' }, { 'metadata.version': 25 }), /Use --release-version instead/);
  assert.throws(() => levels({}, { 'group.version': 7 }), /No feature:group.version with feature level 7/);
  assert.throws(() => levels({}, { 'kraft.version': 0 }), /Cannot set kraft.version to 0 if/);
  assert.throws(
    () => levels({ hasDynamicQuorum: false }, { 'kraft.version': 1 }),
    /Cannot set kraft.version to 1 unless/,
  );
  assert.throws(
    () => levels({ releaseVersion: '3.8' }, { 'eligible.leader.replicas.version': 1 }),
    /eligible.leader.replicas.version could not be set to 1 because it depends on metadata.version level 23/,
  );
});
