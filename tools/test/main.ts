/**
 * `npm test`: runs the repository's tests with node:test, two files at a time, each in a process of its own.
 *
 * Usage: node tools/test/main.ts [--quick] [--name REGEX] [--list] [PATH…]
 *   PATH…    only test files whose path from the root starts with, or contains, one of these
 *   --quick  without the tests that need a JVM or foreign software
 *   --name   only tests whose name matches
 *   --list   print the files and run nothing
 *
 * The closing summary is the last output, after the details of failures, because whoever runs this reads the end. Exit code 1 when
 * a test failed or no file matched.
 */
import { globSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const TEST_TIMEOUT_MS = 120_000;
const FILE_TIMEOUT_MS = 900_000;
const CONCURRENCY = 2;

const patterns = [
  'packages/*/src/**/*.test.ts',
  'packages/*/test/**/*.test.ts',
  'tools/**/*.test.ts',
  'foreign/**/*.test.ts',
  'durability/**/*.test.ts',
  'examples/**/*.test.ts',
];

export interface Selection {
  readonly quick: boolean;
  /** Paths from the root, or parts of them; none means all. */
  readonly filters: readonly string[];
}

/** The test files under a root that a selection names, quick ones first so that cheap failures show early. */
export function selectFiles(root: string, { quick, filters }: Selection): string[] {
  const isSlow = (path: string): boolean =>
    path.endsWith('.jvm.test.ts') || path.startsWith('foreign/') || path.startsWith('durability/');
  const wanted = filters.map((filter) => filter.replace(/^\.\//, '').replace(/\/$/, ''));
  const all = globSync(patterns, { cwd: root, exclude: ['**/node_modules/**'] }).map((path) =>
    path.replaceAll('\\', '/'),
  );
  return all
    .filter((path) => !(quick && isSlow(path)) && (wanted.length === 0 || wanted.some((part) => path.includes(part))))
    .sort((a, b) => Number(isSlow(a)) - Number(isSlow(b)) || (a < b ? -1 : 1));
}

interface Counts {
  readonly tests: number;
  readonly suites: number;
  readonly passed: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly skipped: number;
  readonly todo: number;
}

/** The lines that node:test's own reporter ends a good run with. */
function summaryLines(counts: Counts, durationMs: number): string {
  const { tests, suites, passed, failed, cancelled, skipped, todo } = counts;
  const rows = { tests, suites, pass: passed, fail: failed, cancelled, skipped, todo, duration_ms: durationMs };
  return Object.entries(rows)
    .map(([name, value]) => `ℹ ${name} ${value}\n`)
    .join('');
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean' }, list: { type: 'boolean' }, name: { type: 'string' } },
    allowPositionals: true,
  });
  const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
  const files = selectFiles(root, { quick: values.quick === true, filters: positionals });
  if (values.list === true || files.length === 0) {
    for (const file of files) console.log(file);
    if (files.length === 0) {
      console.error('no test file matches');
      process.exitCode = 1;
    }
    return;
  }
  await runFiles(root, files, values.name);
}

async function runFiles(root: string, files: readonly string[], name: string | undefined): Promise<void> {
  let closing: { counts: Counts; durationMs: number } | undefined;
  let failures = 0;
  const events = run({
    cwd: root,
    files: files.map((file) => join(root, file)),
    concurrency: CONCURRENCY,
    timeout: FILE_TIMEOUT_MS,
    execArgv: [`--test-timeout=${TEST_TIMEOUT_MS}`],
    ...(name === undefined ? {} : { testNamePatterns: new RegExp(name) }),
  });
  events.on('test:fail', ({ todo }) => {
    if (todo === undefined || todo === false) failures++;
  });
  events.on('test:summary', ({ file, counts, duration_ms: durationMs }) => {
    if (file === undefined) closing = { counts: counts as unknown as Counts, durationMs };
  });
  for await (const text of events.compose(spec)) process.stdout.write(text as string);
  if (failures === 0) return;
  process.exitCode = 1;
  if (closing !== undefined) process.stdout.write(`\n${summaryLines(closing.counts, closing.durationMs)}`);
}

if (import.meta.main) await main();
