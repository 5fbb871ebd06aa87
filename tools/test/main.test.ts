import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { selectFiles } from './main.ts';

test('files are found in the four places, slow ones last, and filtered by path', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'select-'));
  t.after(() => rmSync(root, { recursive: true }));
  const paths = [
    'packages/log/src/core/a.test.ts',
    'packages/log/test/b.jvm.test.ts',
    'packages/log/test/c.test.ts',
    'packages/log/node_modules/x/src/no.test.ts',
    'packages/raft/src/not-a-test.ts',
    'foreign/kcat.test.ts',
    'tools/check/d.test.ts',
  ];
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  const quick = ['packages/log/src/core/a.test.ts', 'packages/log/test/c.test.ts', 'tools/check/d.test.ts'];
  assert.deepEqual(selectFiles(root, { quick: true, filters: [] }), quick);
  const all = [...quick, 'foreign/kcat.test.ts', 'packages/log/test/b.jvm.test.ts'];
  assert.deepEqual(selectFiles(root, { quick: false, filters: [] }), all);
  assert.deepEqual(selectFiles(root, { quick: false, filters: ['./foreign/', 'core'] }), [
    'packages/log/src/core/a.test.ts',
    'foreign/kcat.test.ts',
  ]);
});
