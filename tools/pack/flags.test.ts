import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');

test('a published skarab is started with the flags of Node that bin/skarab gives', () => {
  const [line = ''] = readFileSync(join(root, 'packages/cli/src/main.ts'), 'utf8').split('\n');
  const flags = line.replace('#!/usr/bin/env -S node ', '');
  assert.match(flags, /^--/);
  const script = readFileSync(join(root, 'bin/skarab'), 'utf8').replaceAll(/ \\\n\s*/g, ' ');
  assert.ok(script.includes(`exec "$node" ${flags} "$program"`));
});
