#!/usr/bin/env -S node --disable-warning=ExperimentalWarning --max-semi-space-size=4 --heap-growing-percent=100 --no-allocation-site-pretenuring
/**
 * The process: which program it is, its signals and its exit code. Everything else is in functions that tests call.
 *
 * `main.ts kafka-storage …` and `main.ts kafka-server-start …` are what the drop-in scripts in bin/ run; anything else is `skarab`.
 * The flags of Node above are those of bin/skarab: a published package is started by this line.
 * The server's packages are loaded by the commands that need them, and compiled code is kept between starts.
 */
import { enableCompileCache } from 'node:module';
import manifest from '../package.json' with { type: 'json' };
import type { FormatDirectories, StartNode } from './node/running-node.ts';
import type { Program } from './program.ts';

enableCompileCache();

const loadFormatter = async (): Promise<FormatDirectories> =>
  (await import('./node/format-directories.ts')).formatDirectories;
const loadStartNode = async (): Promise<StartNode> => (await import('./node/start-node.ts')).startNode;

async function chooseProgram(name: string | undefined): Promise<Program> {
  if (name === 'kafka-storage') return (await import('./kafka-storage/kafka-storage.ts')).kafkaStorage(loadFormatter);
  if (name === 'kafka-server-start') {
    return (await import('./kafka-server-start/kafka-server-start.ts')).kafkaServerStart(loadStartNode);
  }
  const [{ skarab }, { devCommand }, { brokerCommand }, { formatCommand }] = await Promise.all([
    import('./skarab.ts'),
    import('./commands/dev-command.ts'),
    import('./commands/broker-command.ts'),
    import('./commands/format-command.ts'),
  ]);
  const commands = [
    devCommand(loadFormatter, loadStartNode),
    brokerCommand(loadFormatter, loadStartNode),
    formatCommand(loadFormatter),
  ];
  return skarab(commands, manifest.version);
}

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once. */
function endRequested(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(130));
        resolve(signal);
      });
    }
  });
}

const [name, ...rest] = process.argv.slice(2);
const program = await chooseProgram(name);
process.exitCode = await program({
  args: name === 'kafka-storage' || name === 'kafka-server-start' ? rest : process.argv.slice(2),
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  endRequested: endRequested(),
});
// A node that has stopped may leave handles behind that would keep the process alive.
process.exit();
