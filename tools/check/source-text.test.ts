import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blankLiterals, importsOf } from './source-text.ts';

test('comments and the insides of literals become spaces, and nothing moves', () => {
  const source = ["a('x y'); // it's", "/* await */ b = /'[/']/g; c / d / e;", "'don\\'t' + \"x\";"].join('\n');
  const expected = ["a('   ');        ", '            b = /     /g; c / d / e;', '\'      \' + " ";'].join('\n');
  assert.equal(blankLiterals(source), expected);
});

test('templates keep the code inside them', () => {
  const dollar = '$';
  const source = `\`a${dollar}{ b ? \`c${dollar}{d}e\` : { f: 1 } }g\` + h`;
  assert.equal(blankLiterals(source), '`  { b ? `  {d} ` : { f: 1 } } ` + h');
});

test('imports of every form are listed with their lines', () => {
  const source = [
    "import a from './a.ts';",
    'import {',
    '  b,',
    "} from '@skarab/b';",
    "import 'side';",
    "export * from './c.ts';",
    "const d = await import('d');",
    "type E = import('e').E;",
    "const x = Promise.resolve('no');",
    "// import x from 'no';",
    'const s = "from \'no\'";',
    "import.meta.resolve('f');",
  ].join('\n');
  assert.deepEqual(importsOf(source), [
    { specifier: './a.ts', line: 1 },
    { specifier: '@skarab/b', line: 4 },
    { specifier: 'side', line: 5 },
    { specifier: './c.ts', line: 6 },
    { specifier: 'd', line: 7 },
    { specifier: 'e', line: 8 },
    { specifier: 'f', line: 12 },
  ]);
});
