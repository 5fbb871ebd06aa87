/** A node's configuration from the options of a command, and its file when one is given. */
import { readFile } from 'node:fs/promises';
import { BrokerConfig, parseProperties, resolveConfigVariables } from '@skarab/config';
import { configProviders } from '../config/config-providers.ts';
import type { Environment } from '../options/options.ts';
import { type NodeOptionValues, nodeProperties } from './node-options.ts';

/** Errors: UsageError for options, ConfigError with Kafka's text for configurations, the platform's for the file. */
export async function loadConfig(
  values: NodeOptionValues & { readonly config?: string | undefined },
  env: Environment,
): Promise<BrokerConfig> {
  const file =
    values.config === undefined ? new Map<string, string>() : parseProperties(await readFile(values.config, 'utf8'));
  return BrokerConfig.fromProperties(resolveConfigVariables(nodeProperties(values, file), configProviders(env)));
}
