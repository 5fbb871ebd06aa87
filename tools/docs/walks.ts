/**
 * Renders the walks of ARCHITECTURE.md: the functions on the way of a produce and of a fetch request, from `Walk:` marks in docstrings.
 *
 * A mark reads `Walk: produce 4 — what happens here`; it stands in the docstring of the function, whose name is taken from the next line of code.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Step {
  readonly walk: string;
  readonly position: number;
  readonly text: string;
  readonly name: string;
  readonly file: string;
}

const MARK = /Walk: (\w+) (\d+(?:\.\d+)?)(?: — ([^\n]*))?/;
const DECLARATION = /(?:export )?(?:async )?(?:static )?(?:function |class )?([#\w]+)\s*(?:<[^>]*>)?[({ ]/;

/** The table of one walk. */
export function renderWalk(root: string, walk: string): string {
  const steps = collectSteps(root)
    .filter((step) => step.walk === walk)
    .sort((a, b) => a.position - b.position || a.file.localeCompare(b.file));
  const lines = ['| Step | Where | What |', '|---|---|---|'];
  for (const { position, name, file, text } of steps) lines.push(`| ${position} | \`${name}\` in ${file} | ${text} |`);
  return lines.join('\n');
}

/** Replaces what stands between the markers of each walk in `document`. */
export function renderWalks(root: string, document: string): string {
  return document.replaceAll(
    /(<!-- walk (\w+) -->\n)[\s\S]*?(<!-- end walk -->)/g,
    (_all, begin: string, walk: string, end: string) => {
      return `${begin}${renderWalk(root, walk)}\n${end}`;
    },
  );
}

function collectSteps(root: string): Step[] {
  const steps: Step[] = [];
  for (const file of globSync('packages/*/src/**/*.ts', { cwd: root }).sort()) {
    if (file.includes('/generated/') || file.endsWith('.test.ts')) continue;
    const lines = readFileSync(join(root, file), 'utf8').split('\n');
    lines.forEach((line, i) => {
      const mark = MARK.exec(line);
      if (mark === null) return;
      let next = i;
      while (next < lines.length && !lines[next]!.includes('*/')) next++;
      const name = DECLARATION.exec((lines[next + 1] ?? '').trim())?.[1] ?? '?';
      steps.push({
        walk: mark[1]!,
        position: Number(mark[2]),
        text: (mark[3] ?? '').replace(/\s*\*\/$/, ''),
        name,
        file,
      });
    });
  }
  return steps;
}
