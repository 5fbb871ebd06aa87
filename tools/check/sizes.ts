/**
 * Files and functions that have grown beyond what a reader takes in at once: warnings, never failures.
 *
 * Functions are found by the formatter's indentation: a header line that ends in `{`, to the next line that closes at its depth. Those of
 * tests, tools and scripts may be as long as their story.
 */
import { blankLiterals } from './source-text.ts';
import { type Finding, isTest, typeScriptFiles, type Workspace } from './workspace.ts';

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 60;

const HEADER =
  /^\s*(?:export )?(?:default )?(?:static |override |private |async |get |set )*(?:function\s*\*?\s*)?[\w$#]*.*(?:\)(?:: [^=]+)? \{|=> \{)$/;
const NOT_A_FUNCTION = /^\s*(?:\} )?(?:if|else|for|while|switch|catch|do|try|with)\b/;

/** Long files and long functions, generated ones left out. */
export function checkSizes(workspace: Workspace): Finding[] {
  return typeScriptFiles(workspace).flatMap(({ path, text }) => {
    const lines = blankLiterals(text).split('\n');
    const findings: Finding[] = [];
    if (lines.length > MAX_FILE_LINES)
      findings.push({ level: 'warning', where: path, what: `has ${lines.length} lines` });
    for (const { line, length } of isTest(path) ? [] : longFunctions(lines)) {
      findings.push({ level: 'warning', where: `${path}:${line}`, what: `function of ${length} lines` });
    }
    return findings;
  });
}

function longFunctions(lines: readonly string[]): { line: number; length: number }[] {
  return lines.flatMap((header, index) => {
    if (!HEADER.test(header) || NOT_A_FUNCTION.test(header)) return [];
    const indent = /^\s*/.exec(header)?.[0] ?? '';
    const end = lines.findIndex((line, at) => at > index && line.startsWith(`${indent}}`));
    const length = end - index + 1;
    return length > MAX_FUNCTION_LINES ? [{ line: index + 1, length }] : [];
  });
}
