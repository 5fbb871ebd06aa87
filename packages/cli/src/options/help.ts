/**
 * Help texts: rendered from a command's declaration, so that they cannot lie about options, twins and defaults.
 *
 * Plain text, 100 columns at most, no colours: good in a pager and in a bug report.
 */
import { envName, type Option, type Options } from './options.ts';

export interface Documented {
  readonly name: string;
  readonly summary: string;
  /** What stands behind the command's name in the usage line. */
  readonly usage: string;
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly options: Options;
  readonly examples: readonly string[];
}

const WIDTH = 100;

/** The whole help text of a command. */
export function renderHelp(command: Documented): string {
  const lines = [`${command.name} — ${command.summary}`, '', `Usage: ${command.name} ${command.usage}`.trimEnd(), ''];
  for (const paragraph of command.description) lines.push(...wrap(paragraph, WIDTH), '');
  lines.push('Options:', ...renderTable(Object.entries(command.options).map(optionRow)), '');
  if (command.examples.length > 0) lines.push('Examples:', ...command.examples.map((example) => `  ${example}`), '');
  return lines.join('\n');
}

function optionRow([name, option]: [string, Option]): [string, string] {
  const short = option.short === undefined ? '    ' : `-${option.short}, `;
  const value = option.value === undefined ? '' : ` ${option.value}`;
  const notes = [
    ...(option.required ? ['required'] : []),
    ...(option.default === undefined ? [] : [`default ${option.default}`]),
    ...(option.multiple ? ['may be repeated'] : []),
    ...(option.noEnv ? [] : [envName(name)]),
  ];
  return [`${short}--${name}${value}`, `${option.help}${notes.length === 0 ? '' : ` [${notes.join('; ')}]`}`];
}

/** Two columns, the second one wrapped beside the first. */
export function renderTable(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.min(34, Math.max(...rows.map(([name]) => name.length)) + 2);
  return rows.flatMap(([name, text]) => {
    const [first = '', ...rest] = wrap(text, WIDTH - left - 2);
    const indent = ' '.repeat(left + 2);
    if (name.length >= left) return [`  ${name}`, ...[first, ...rest].map((line) => indent + line)];
    return [`  ${name.padEnd(left)}${first}`, ...rest.map((line) => indent + line)];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}
