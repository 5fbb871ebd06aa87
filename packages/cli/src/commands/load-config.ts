/** A node's configuration from the options of a command, and its file when one is given. */
import { readFile } from 'node:fs/promises';
import { BrokerConfig, parseProperties } from '@skarab/config';
import { type NodeOptionValues, nodeProperties } from './node-options.ts';

/** Errors: UsageError for options, ConfigError with Kafka's text for configurations, the platform's for the file. */
export async function loadConfig(
  values: NodeOptionValues & { readonly config?: string | undefined },
): Promise<BrokerConfig> {
  const file =
    values.config === undefined ? new Map<string, string>() : parseProperties(await readFile(values.config, 'utf8'));
  return BrokerConfig.fromProperties(nodeProperties(values, file));
}
