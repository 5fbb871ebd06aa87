import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileLinearPattern } from './linear-pattern.ts';

test('a pattern matches the whole text', () => {
  const pattern = compileLinearPattern('list-(open|d.*)')!;
  const matches = ['list-open', 'list-done', 'list-', 'a list-open', 'list-d\n'].filter((text) => pattern.test(text));
  assert.deepEqual(matches, ['list-open', 'list-done']);
});

test('what is no pattern, or cannot be run in linear time, is refused', () => {
  for (const text of ['(', 'a)(b', '[', '(a)\\1', '(?=a)b']) assert.equal(compileLinearPattern(text), undefined, text);
});

test('no pattern holds the loop', () => {
  const pattern = compileLinearPattern('(a+)+b')!;
  const startedMs = performance.now();
  assert.equal(pattern.test('a'.repeat(10_000)), false);
  assert(performance.now() - startedMs < 1_000);
});
