import assert from 'node:assert/strict';
import { test } from 'node:test';
import { missingEntries } from './lock.ts';

test('a lock is completed with the optional packages of other platforms', () => {
  const optionalDependencies = {
    '@x/cli-linux-x64': '1.2.3',
    '@x/cli-linux-x64-musl': '1.2.3',
    '@x/cli-win32-arm64-msvc': '1.2.3',
    fsevents: '~2.3.0',
  };
  const packages = {
    'node_modules/@x/cli': { dev: true, optionalDependencies },
    'node_modules/@x/cli-linux-x64': { version: '1.2.3' },
  };
  const missing = missingEntries({ packages });
  assert.deepEqual(missing, {
    'node_modules/@x/cli-linux-x64-musl': {
      version: '1.2.3',
      dev: true,
      optional: true,
      cpu: ['x64'],
      os: ['linux'],
      libc: ['musl'],
    },
    'node_modules/@x/cli-win32-arm64-msvc': {
      version: '1.2.3',
      dev: true,
      optional: true,
      cpu: ['arm64'],
      os: ['win32'],
    },
  });
  assert.deepEqual(missingEntries({ packages: { ...packages, ...missing } }), {});
});
