/**
 * Runs testdata/*.txt: commands, each with its full output. UPDATE_TRANSCRIPTS=1 rewrites the outputs; review the diff.
 *
 * Shape of a file: blocks `command / ---- / output lines / empty line`; a line that starts with `#` outside of an output is a comment.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GroupScript } from './group-script.ts';

const folder = join(import.meta.dirname, 'testdata');

/** Runs a transcript; returns it with the outputs that there are now. */
function replayTranscript(text: string): string {
  const script = new GroupScript();
  const lines = text.split('\n');
  const out: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    out.push(line);
    if (line === '' || line.startsWith('#')) continue;
    if (lines[i + 1] === '----') i++;
    while (i + 1 < lines.length && lines[i + 1] !== '') i++;
    const output = script.run(line);
    if (output.length > 0) out.push('----', ...output);
    else if (lines[i + 1] !== '') out.push('');
  }
  return out.join('\n');
}

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  test(`transcript ${file}`, () => {
    const path = join(folder, file);
    const before = readFileSync(path, 'utf8');
    const now = replayTranscript(before);
    if (process.env['UPDATE_TRANSCRIPTS'] === '1') writeFileSync(path, now);
    else assert.equal(now, before);
  });
}
