import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishedManifest, withJavaScriptImports } from './manifest.ts';

test('a library names its JavaScript and its declarations', () => {
  const manifest = { name: '@skarab/x', exports: { '.': './src/index.ts', './testing': './src/testing/index.ts' } };
  assert.deepEqual(publishedManifest(manifest, { '@skarab/base': '1.0.0' }), {
    name: '@skarab/x',
    exports: {
      '.': { types: './lib/index.d.ts', default: './lib/index.js' },
      './testing': { types: './lib/testing/index.d.ts', default: './lib/testing/index.js' },
    },
    dependencies: { '@skarab/base': '1.0.0' },
  });
});

test('a program names its bundle and what that does not hold', () => {
  const manifest = { name: 'skarab', bin: { skarab: './src/main.ts' }, dependencies: { '@skarab/base': '1.0.0' } };
  assert.deepEqual(publishedManifest(manifest, { pino: '2.0.0' }), {
    name: 'skarab',
    bin: { skarab: './skarab.mjs' },
    dependencies: { pino: '2.0.0' },
  });
});

test('declarations import what lies beside them, and packages as before', () => {
  const source =
    "import { A } from './a.ts';\nexport type B = import('../b/c.ts').C;\nimport { D } from '@skarab/d';\n";
  const expected =
    "import { A } from './a.js';\nexport type B = import('../b/c.js').C;\nimport { D } from '@skarab/d';\n";
  assert.equal(withJavaScriptImports(source), expected);
});
