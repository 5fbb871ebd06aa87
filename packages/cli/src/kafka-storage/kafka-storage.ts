/**
 * `kafka-storage.sh`: the same subcommands, outputs and exit codes as Kafka's storage tool.
 *
 * Not its job: writing the files of a formatted directory; @skarab/metadata does that.
 */
import { readFile } from 'node:fs/promises';
import { KafkaError, randomUuid, systemRandom } from '@skarab/base';
import { BrokerConfig, parseProperties, resolveConfigVariables } from '@skarab/config';
import { configProviders } from '../config/config-providers.ts';
import { javaException } from '../java-exception.ts';
import type { FormatDirectories } from '../node/running-node.ts';
import type { Environment } from '../options/options.ts';
import type { Program, ProgramContext } from '../program.ts';
import { type ArgumentValues, parseArguments } from './argument-parser.ts';
import { STORAGE_COMMANDS } from './commands.ts';
import { type FormatArguments, formatRequest, logDirectoriesOf } from './format-request.ts';
import { storageInfo } from './storage-info.ts';
import { TerseFailure } from './terse-failure.ts';

/** The tool over a formatter. */
export function kafkaStorage(loadFormatter: () => Promise<FormatDirectories>): Program {
  return async (context) => {
    const parsed = parseArguments('kafka-storage', 'The Kafka storage tool.', STORAGE_COMMANDS, context.args);
    if (parsed.kind === 'help') context.stdout.write(parsed.text);
    if (parsed.kind === 'error') context.stderr.write(parsed.text);
    if (parsed.kind !== 'command') return parsed.kind === 'help' ? 0 : 1;
    try {
      return await runCommand(parsed.command, parsed.values, context, loadFormatter);
    } catch (error) {
      context.stderr.write(`${explain(error)}\n`);
      return 1;
    }
  };
}

async function runCommand(
  command: string,
  values: ArgumentValues,
  { env, stdout }: ProgramContext,
  loadFormatter: () => Promise<FormatDirectories>,
): Promise<number> {
  switch (command) {
    case 'random-uuid':
      stdout.write(`${randomUuid(systemRandom.bytes)}\n`);
      return 0;
    case 'version-mapping': {
      const { versionMapping } = await import('./feature-tables.ts');
      stdout.write(versionMapping(values.get('--release-version') as string | undefined));
      return 0;
    }
    case 'feature-dependencies': {
      const { printFeatureDependencies } = await import('./feature-tables.ts');
      printFeatureDependencies(values.get('--feature') as readonly string[], (text) => stdout.write(text));
      return 0;
    }
    case 'info': {
      const { text, code } = storageInfo(logDirectoriesOf(await loadConfig(values, env)));
      stdout.write(text);
      return code;
    }
    default: {
      const args = formatArguments(values);
      const request = formatRequest(await loadConfig(values, env), args, () => randomUuid(systemRandom.bytes));
      const formatDirectories = await loadFormatter();
      await formatDirectories(request, (line) => stdout.write(`${line}\n`));
      return 0;
    }
  }
}

async function loadConfig(values: ArgumentValues, env: Environment): Promise<BrokerConfig> {
  const properties = parseProperties(await readFile(values.get('--config') as string, 'utf8'));
  return BrokerConfig.fromProperties(resolveConfigVariables(properties, configProviders(env)));
}

function formatArguments(values: ArgumentValues): FormatArguments {
  const initialControllers = values.get('--initial-controllers') as string | undefined;
  const releaseVersion = values.get('--release-version') as string | undefined;
  const scramCredentials = values.get('--add-scram') as readonly string[] | undefined;
  return {
    clusterId: values.get('--cluster-id') as string,
    standalone: values.has('--standalone'),
    noInitialControllers: values.has('--no-initial-controllers'),
    ...(initialControllers !== undefined && { initialControllers }),
    ignoreFormatted: values.has('--ignore-formatted'),
    ...(releaseVersion !== undefined && { releaseVersion }),
    ...(scramCredentials && { scramCredentials }),
    features: (values.get('--feature') as readonly string[] | undefined) ?? [],
  };
}

/** One sentence for what went wrong; an unexpected failure keeps its stack. */
export function explain(error: unknown): string {
  if (error instanceof TerseFailure) return error.message;
  const java = javaException(error);
  if (java !== undefined) return `Exception in thread "main" ${java}`;
  if (error instanceof KafkaError) return error.message;
  const { code, message, stack } = error as NodeJS.ErrnoException;
  return code === undefined ? (stack ?? message) : message;
}
