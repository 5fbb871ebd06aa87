/**
 * `kafka-server-start.sh FILE [--override key=value]…`: a node from server.properties, logging as Kafka does by default.
 *
 * `-daemon` is the shell script's part. Exit codes and the lines that scripts look for are Kafka's.
 */
import { readFile } from 'node:fs/promises';
import { BrokerConfig, parseProperties, resolveConfigVariables } from '@skarab/config';
import { observabilityAddress } from '../commands/node-options.ts';
import { configProviders } from '../config/config-providers.ts';
import { javaException } from '../java-exception.ts';
import { openLogger } from '../logging/logging-options.ts';
import { runNode } from '../node/run-node.ts';
import type { StartNode } from '../node/running-node.ts';
import type { Environment } from '../options/options.ts';
import type { Program } from '../program.ts';

export const KAFKA_VERSION = '4.3.1';

const USAGE = `USAGE: kafka-server-start.sh [-daemon] server.properties [--override property=value]*

  --override property=value  wins over the file; may be repeated
  --version                  print the version of Kafka that this stands in for

SKARAB_METRICS_ADDR=HOST:PORT in the environment serves /metrics, /healthz and /readyz there.
`;

/** The program over a way to start nodes. */
export function kafkaServerStart(loadStartNode: () => Promise<StartNode>): Program {
  return async ({ args, env, stdout, stderr, endRequested }) => {
    if (args.length === 0 || args.includes('--help')) {
      stderr.write(USAGE);
      return 1;
    }
    if (args.includes('--version')) {
      stdout.write(`${KAFKA_VERSION}\n`);
      return 0;
    }
    const logger = await openLogger({ 'log-level': 'info', 'log-format': 'kafka' }, stdout);
    try {
      const config = await readConfig(args, env);
      const startNode = await loadStartNode();
      const observability = observabilityAddress({ 'metrics-addr': env['SKARAB_METRICS_ADDR'] });
      return await runNode({ config, logger, startNode, endRequested, ...observability });
    } catch (error) {
      logger.child({ component: 'kafka.Kafka$' }).error({ error: told(error) }, 'Exiting Kafka due to fatal exception');
      return 1;
    }
  };
}

async function readConfig([file = '', ...rest]: readonly string[], env: Environment): Promise<BrokerConfig> {
  const properties = parseProperties(await readFile(file, 'utf8'));
  for (const [key, value] of parseOverrides(rest)) properties.set(key, value);
  return BrokerConfig.fromProperties(resolveConfigVariables(properties, configProviders(env)));
}

/** `--override key=value` and `--override=key=value`. Errors: Error naming the argument that is neither. */
export function parseOverrides(args: readonly string[]): [string, string][] {
  const overrides: [string, string][] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string;
    const attached = word.startsWith('--override=');
    if (!attached && word !== '--override') throw new Error(`Found non argument parameters: ${word}`);
    const pair = attached ? word.slice('--override='.length) : args[++at];
    if (pair === undefined) throw new Error('Option override requires an argument');
    const equals = pair.indexOf('=');
    if (equals <= 0) throw new Error(`Invalid command line properties: ${pair}`);
    overrides.push([pair.slice(0, equals), pair.slice(equals + 1)]);
  }
  return overrides;
}

function told(error: unknown): unknown {
  const isPlain = error instanceof Error && error.constructor === Error && !('code' in error);
  return javaException(error) ?? (isPlain ? error.message : error);
}
