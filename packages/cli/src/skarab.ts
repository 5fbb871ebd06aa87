/**
 * `skarab COMMAND`: finds the command, prints help, and tells failures in one sentence.
 *
 * Exit codes: 0 well, 1 failed, 2 called wrongly.
 */
import { AssertionError, KafkaError } from '@skarab/base';
import type { Command } from './commands/command.ts';
import { renderHelp, renderTable } from './options/help.ts';
import { nearest } from './options/options.ts';
import { UsageError } from './options/usage-error.ts';
import type { Program } from './program.ts';

const shortName = (command: Command): string => command.name.replace(/^skarab /, '');

/** The program over its commands. */
export function skarab(commands: readonly Command[], version: string): Program {
  return async (context) => {
    const [name, ...args] = context.args;
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      const wanted = commands.find((command) => shortName(command) === args[0]);
      context.stdout.write(wanted === undefined ? overview(commands) : renderHelp(wanted));
      return 0;
    }
    if (name === '--version' || name === 'version') {
      context.stdout.write(`${version}\n`);
      return 0;
    }
    const command = commands.find((candidate) => shortName(candidate) === name);
    if (command === undefined) {
      const near = nearest(name, commands.map(shortName));
      const hint = near === undefined ? 'see: skarab --help' : `did you mean: skarab ${near}?`;
      context.stderr.write(`skarab: no command '${name}'; ${hint}\n`);
      return 2;
    }
    if (args.includes('--help') || args.includes('-h')) {
      context.stdout.write(renderHelp(command));
      return 0;
    }
    try {
      return await command.run({ ...context, args });
    } catch (error) {
      context.stderr.write(`${command.name}: ${explain(error)}\n`);
      if (!(error instanceof UsageError)) return 1;
      context.stderr.write(`see: ${command.name} --help\n`);
      return 2;
    }
  };
}

function overview(commands: readonly Command[]): string {
  const rows = commands.map((command): [string, string] => [shortName(command), command.summary]);
  return [
    'skarab — Apache Kafka 4.3 without a JVM',
    '',
    'Usage: skarab COMMAND [options]',
    '',
    'Commands:',
    ...renderTable(rows),
    '',
    'skarab COMMAND --help tells the rest. Start with: skarab dev',
    '',
  ].join('\n');
}

/** One sentence for an expected failure; a bug keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof AssertionError || !(error instanceof Error))
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const isExpected =
    error instanceof KafkaError || error.name === 'TerseFailure' || (error as NodeJS.ErrnoException).code !== undefined;
  return isExpected ? error.message : (error.stack ?? error.message);
}
