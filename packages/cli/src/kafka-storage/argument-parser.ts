/**
 * Arguments in the manner of Kafka's storage tool: subcommands with options, usage lines, and the errors that scripts may look for.
 *
 * Knows `--name value`, `--name=value`, `-x value`, `-xvalue`, and unambiguous beginnings of long names. Pure.
 */

export interface Argument {
  /** `--cluster-id`. */
  readonly name: string;
  /** `-t`. */
  readonly short: string;
  readonly kind: 'value' | 'values' | 'flag';
  readonly required?: true;
  /** Arguments of one group exclude each other. */
  readonly group?: string;
  readonly help: string;
}

export interface Subcommand {
  readonly name: string;
  readonly help: string;
  readonly arguments: readonly Argument[];
}

export type ArgumentValues = ReadonlyMap<string, string | readonly string[] | true>;

export type ParsedArguments =
  | { readonly kind: 'command'; readonly command: string; readonly values: ArgumentValues }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'error'; readonly text: string };

class ArgumentError extends Error {}

const WIDTH = 75;

/** Reads the arguments of a program with subcommands. */
export function parseArguments(
  program: string,
  summary: string,
  commands: readonly Subcommand[],
  args: readonly string[],
): ParsedArguments {
  const choices = commands.map(({ name }) => name);
  const usage = packLines(`usage: ${program} `, ['[-h]', `{${choices.join(',')}}`, '...']);
  const [name, ...rest] = args;
  const error = (message: string, shownUsage: string): ParsedArguments => ({
    kind: 'error',
    text: `${shownUsage}${program}: error: ${message}\n`,
  });
  if (name === undefined) return error('too few arguments', usage);
  if (name === '-h' || name === '--help') {
    const table = commands.map((command) => `  ${command.name.padEnd(22)} ${command.help}\n`).join('');
    return { kind: 'help', text: `${usage}\n${summary}\n\n${table}` };
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) {
    if (name.startsWith('-')) return error(`unrecognized arguments: '${name}'`, usage);
    return error(`invalid choice: '${name}' (choose from ${choices.map((choice) => `'${choice}'`).join(', ')})`, usage);
  }
  if (rest.includes('-h') || rest.includes('--help')) return { kind: 'help', text: commandHelp(program, command) };
  try {
    return { kind: 'command', command: name, values: readValues(command, rest) };
  } catch (cause) {
    if (cause instanceof ArgumentError) return error(cause.message, commandUsage(program, command));
    throw cause;
  }
}

const shown = ({ name, short }: Argument): string => `argument ${name}/${short}`;

function readValues(command: Subcommand, args: readonly string[]): ArgumentValues {
  const values = new Map<string, string | readonly string[] | true>();
  const given: Argument[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string;
    const found = findArgument(command, word);
    if (found === undefined) throw new ArgumentError(`unrecognized arguments: '${word}'`);
    const { argument, attached } = found;
    const rival = given.find(
      (other) => other !== argument && other.group !== undefined && other.group === argument.group,
    );
    if (rival !== undefined)
      throw new ArgumentError(`${shown(argument)}: not allowed with argument ${rival.name}/${rival.short}`);
    given.push(argument);
    if (argument.kind === 'flag') {
      if (attached !== undefined)
        throw new ArgumentError(`${shown(argument)}: ignored explicit argument '${attached}'`);
      values.set(argument.name, true);
      continue;
    }
    const value = attached ?? args[++at];
    if (value === undefined || (attached === undefined && findArgument(command, value) !== undefined)) {
      throw new ArgumentError(`${shown(argument)}: expected one argument`);
    }
    const before = values.get(argument.name);
    values.set(
      argument.name,
      argument.kind === 'value' ? value : [...(Array.isArray(before) ? (before as string[]) : []), value],
    );
  }
  const missing = command.arguments.find((argument) => argument.required && !values.has(argument.name));
  if (missing !== undefined) throw new ArgumentError(`${shown(missing)} is required`);
  return values;
}

function findArgument(command: Subcommand, word: string): { argument: Argument; attached?: string } | undefined {
  if (word.startsWith('--')) {
    const [name, attached] = word.includes('=')
      ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]
      : [word];
    const exact = command.arguments.filter((argument) => argument.name === name);
    const matching = exact.length > 0 ? exact : command.arguments.filter((argument) => argument.name.startsWith(name));
    if (matching.length > 1) {
      throw new ArgumentError(
        `ambiguous option: ${name} could match ${matching.map((argument) => argument.name).join(', ')}`,
      );
    }
    const [argument] = matching;
    return argument && (attached === undefined ? { argument } : { argument, attached });
  }
  const argument = command.arguments.find(({ short }) => word.startsWith(short));
  if (argument === undefined) return undefined;
  return word === argument.short ? { argument } : { argument, attached: word.slice(2) };
}

function commandUsage(program: string, command: Subcommand): string {
  const placeholder = ({ name, kind }: Argument): string =>
    kind === 'flag' ? name : `${name} ${name.slice(2).toUpperCase().replaceAll('-', '_')}`;
  const items = command.arguments.map((argument, index) => {
    if (argument.required) return placeholder(argument);
    const inGroup = (other: Argument | undefined): boolean =>
      argument.group !== undefined && other?.group === argument.group;
    const open = inGroup(command.arguments[index - 1]) ? '' : '[';
    const close = inGroup(command.arguments[index + 1]) ? ' |' : ']';
    return `${open}${placeholder(argument)}${close}`;
  });
  const [first = '', ...rest] = packLines(`usage: ${program} `, [command.name, '[-h]', ...items]).split(/(?<=\n)/);
  return first + rest.join('');
}

function commandHelp(program: string, command: Subcommand): string {
  const rows = command.arguments.map(({ name, short, help }) => `  ${`${name}, ${short}`.padEnd(30)} ${help}\n`);
  return `${commandUsage(program, command)}\n${command.help}\n\n${rows.join('')}`;
}

/** Packs items into lines behind a prefix, the later lines indented to it. */
function packLines(prefix: string, items: readonly string[]): string {
  const indent = ' '.repeat(prefix.length);
  const lines: string[] = [];
  let line = prefix.trimEnd();
  for (const item of items) {
    const isFirst = line === prefix.trimEnd() || line === indent.slice(0, -1);
    if (!isFirst && line.length + 1 + item.length > WIDTH) {
      lines.push(line);
      line = indent.slice(0, -1);
    }
    line += ` ${item}`;
  }
  return `${[...lines, line].join('\n')}\n`;
}
