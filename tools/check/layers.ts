/**
 * `npm run check:layers`: holds the working tree against the house plan and prints one line per finding; exit code 1 when one is an error.
 *
 * Usage: node tools/check/layers.ts [ROOT]
 */
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkLock } from './lock.ts';
import { checkMentions } from './mentions.ts';
import {
  checkDeclaredImports,
  checkFloors,
  checkPackages,
  checkPurity,
  checkRelativeImports,
  checkUnusedDependencies,
  type Rule,
} from './rules.ts';
import { checkSizes } from './sizes.ts';
import { type Finding, readWorkspace, type Workspace } from './workspace.ts';

const rules: readonly Rule[] = [
  checkPackages,
  checkFloors,
  checkRelativeImports,
  checkDeclaredImports,
  checkUnusedDependencies,
  checkPurity,
  checkMentions,
  checkLock,
  checkSizes,
];

/** All findings, warnings first so that errors end the output. */
export function findingsOf(workspace: Workspace): Finding[] {
  const found = rules.flatMap((rule) => rule(workspace));
  return [...found.filter(({ level }) => level === 'warning'), ...found.filter(({ level }) => level === 'error')];
}

if (import.meta.main) {
  const root = resolve(process.argv[2] ?? resolve(dirname(fileURLToPath(import.meta.url)), '../..'));
  const workspace = readWorkspace(root);
  const found = findingsOf(workspace);
  for (const { level, where, what } of found) console.log(`${level}: ${where}: ${what}`);
  const errors = found.filter(({ level }) => level === 'error').length;
  console.log(
    `layers: ${workspace.files.length} files, ${workspace.packages.length} packages, ${errors} errors, ${found.length - errors} warnings`,
  );
  process.exitCode = errors === 0 ? 0 : 1;
}
