/** `skarab dev`: a cluster of one node for development, ready at once, with what to type next. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loggingOptions, openLogger } from '../logging/logging-options.ts';
import { runNode } from '../node/run-node.ts';
import type { FormatDirectories, RunningNode, StartNode } from '../node/running-node.ts';
import { parseOptions } from '../options/options.ts';
import type { Command } from './command.ts';
import { loadConfig } from './load-config.ts';
import { nodeOptions, observabilityAddress, observabilityOptions } from './node-options.ts';
import { formatAlone, isFormatted } from './prepare-directory.ts';

const options = {
  ...nodeOptions,
  'log-dir': {
    ...nodeOptions['log-dir'],
    help: 'Where records and metadata live (log.dirs), ./skarab-data unless --config is given.',
  },
  temporary: { help: 'Keep nothing: records live in a temporary directory that is removed at the end.' },
  ...observabilityOptions,
  ...loggingOptions,
  'log-level': { ...loggingOptions['log-level'], default: 'warn' },
  'log-format': { ...loggingOptions['log-format'], default: 'pretty' },
} as const;

/** The command over the server. */
export function devCommand(
  loadFormatter: () => Promise<FormatDirectories>,
  loadStartNode: () => Promise<StartNode>,
): Command {
  return {
    name: 'skarab dev',
    summary: 'a cluster of one node for development',
    usage: '[options]',
    description: [
      'Starts a node at 127.0.0.1:9092 that keeps its records in ./skarab-data, formatting that when it is empty. Topics are created on ' +
        'first use. Any Kafka client and any of Kafka’s tools work with it. Ctrl-C ends it.',
    ],
    options,
    examples: [
      'skarab dev',
      'skarab dev --listen-addr 127.0.0.1:19092 --temporary',
      'skarab dev --set num.partitions=6',
    ],
    run: async ({ args, env, stdout, endRequested }) => {
      const { values } = parseOptions(options, args, env);
      const logger = await openLogger(values, stdout);
      const temporary = values.temporary ? await mkdtemp(join(tmpdir(), 'skarab-')) : undefined;
      try {
        const logDir = temporary ?? values['log-dir'] ?? (values.config === undefined ? './skarab-data' : undefined);
        const config = await loadConfig(
          {
            ...values,
            'log-dir': logDir,
            set: ['group.initial.rebalance.delay.ms=0', ...values.set],
          },
          env,
        );
        if (!isFormatted(config))
          await formatAlone(config, undefined, await loadFormatter(), (line) => logger.info({}, line));
        const where =
          temporary === undefined ? `Records stay in ${config.logDirs.join(', ')}.` : 'Records are gone when it ends.';
        const onStarted = (node: RunningNode): void => {
          stdout.write(welcome(node, where));
        };
        const startNode = await loadStartNode();
        return await runNode({ config, logger, startNode, endRequested, onStarted, ...observabilityAddress(values) });
      } finally {
        if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
      }
    },
  };
}

/** What a newcomer wants to know now. */
export function welcome({ bootstrapServers, clusterId }: RunningNode, where: string): string {
  return `
Skarab serves Kafka at ${bootstrapServers} (cluster ${clusterId}). ${where} Ctrl-C ends it.

Try it from another terminal:
  kafka-console-producer.sh --bootstrap-server ${bootstrapServers} --topic hello
  kafka-console-consumer.sh --bootstrap-server ${bootstrapServers} --topic hello --from-beginning
or with kcat:
  echo hi | kcat -P -b ${bootstrapServers} -t hello
  kcat -C -b ${bootstrapServers} -t hello -o beginning -e

`;
}
