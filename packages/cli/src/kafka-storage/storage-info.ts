/**
 * `info`: what the log directories of a node hold, and what is wrong with them.
 *
 * Reads meta.properties only; changes nothing.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseProperties } from '@skarab/config';

/** The report and the exit code. */
export function storageInfo(directories: readonly string[]): { text: string; code: number } {
  if (directories.length === 0) return { text: 'No directories specified.\n', code: 0 };
  const found: string[] = [];
  const problems: string[] = [];
  let first: ReadonlyMap<string, string> | undefined;
  for (const directory of [...directories].sort()) {
    const problem = problemOf(directory);
    if (!problem?.absent) found.push(directory);
    if (problem !== undefined) {
      problems.push(problem.text);
      continue;
    }
    const properties = parseProperties(readFileSync(join(directory, 'meta.properties'), 'utf8'));
    if (first === undefined) first = properties;
    else problems.push(...mismatches(first, properties));
  }
  const text = [
    list('Found log directory:', 'Found log directories:', found),
    first === undefined
      ? ''
      : `Found metadata: {${[...first]
          .sort()
          .map(([key, value]) => `${key}=${value}`)
          .join(', ')}}\n\n`,
    list('Found problem:', 'Found problems:', problems),
  ].join('');
  return { text, code: problems.length === 0 ? 0 : 1 };
}

function problemOf(directory: string): { text: string; absent: boolean } | undefined {
  if (!existsSync(directory)) return { text: `${directory} does not exist`, absent: true };
  if (!statSync(directory).isDirectory()) return { text: `${directory} is not a directory`, absent: true };
  if (!existsSync(join(directory, 'meta.properties'))) return { text: `${directory} is not formatted.`, absent: false };
  return undefined;
}

function mismatches(first: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] {
  if (first.get('cluster.id') !== other.get('cluster.id'))
    return ['Mismatched cluster IDs between storage directories.'];
  if (first.get('node.id') !== other.get('node.id')) return ['Mismatched node IDs between storage directories.'];
  return [];
}

function list(one: string, many: string, items: readonly string[]): string {
  if (items.length === 0) return '';
  return `${items.length === 1 ? one : many}\n${items.map((item) => `  ${item}\n`).join('')}\n`;
}
