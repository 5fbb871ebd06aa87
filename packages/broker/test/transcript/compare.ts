/**
 * Comparing transcripts block by block, with a report that shows only the lines that differ.
 */

/** Blocks by title, in order. */
export type Transcript = ReadonlyMap<string, string>;

const MAX_SHOWN_LINES = 40;

/** Titles of the blocks that are not the same in both. */
export function differingTitles(expected: Transcript, actual: Transcript): string[] {
  return [...new Set([...expected.keys(), ...actual.keys()])].filter(
    (title) => expected.get(title) !== actual.get(title),
  );
}

/** What differs, or undefined when nothing does. */
export function describeDifferences(expected: Transcript, actual: Transcript): string | undefined {
  const titles = differingTitles(expected, actual);
  if (titles.length === 0) return undefined;
  const shown = titles.map((title) => `## ${title}\n${describeBlock(expected.get(title), actual.get(title))}`);
  return `${titles.length} of ${expected.size} blocks differ (- expected, + actual)\n\n${shown.join('\n\n')}`;
}

function describeBlock(expected: string | undefined, actual: string | undefined): string {
  if (expected === undefined) return '+ the whole block';
  if (actual === undefined) return '- the whole block';
  const [before, after] = [expected.split('\n'), actual.split('\n')];
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let end = 0;
  const shorter = Math.min(before.length, after.length) - start;
  while (end < shorter && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const lines = [
    `  at line ${start + 1}`,
    ...before.slice(start, before.length - end).map((line) => `- ${line}`),
    ...after.slice(start, after.length - end).map((line) => `+ ${line}`),
  ];
  return lines.length <= MAX_SHOWN_LINES
    ? lines.join('\n')
    : [...lines.slice(0, MAX_SHOWN_LINES), `… and ${lines.length - MAX_SHOWN_LINES} lines`].join('\n');
}
