/** `skarab broker`: run one node, from a few options or from a server.properties. */
import { loggingOptions, openLogger } from '../logging/logging-options.ts';
import { runNode } from '../node/run-node.ts';
import type { FormatDirectories, StartNode } from '../node/running-node.ts';
import { parseOptions } from '../options/options.ts';
import type { Command } from './command.ts';
import { loadConfig } from './load-config.ts';
import { nodeOptions, observabilityAddress, observabilityOptions } from './node-options.ts';
import { checkCluster, formatAlone, isFormatted, notFormatted } from './prepare-directory.ts';

const options = {
  ...nodeOptions,
  'cluster-id': { value: 'ID', help: 'Format the log directory for this cluster when it is not formatted yet.' },
  ...observabilityOptions,
  ...loggingOptions,
} as const;

/** The command over the server. */
export function brokerCommand(
  loadFormatter: () => Promise<FormatDirectories>,
  loadStartNode: () => Promise<StartNode>,
): Command {
  return {
    name: 'skarab broker',
    summary: 'run one node',
    usage: '--log-dir DIR [--cluster-id ID] [options]',
    description: [
      'Runs a node in the foreground until SIGINT or SIGTERM, which shut it down in order. Without --config it is broker and controller in ' +
        'one. An empty log directory is formatted when --cluster-id is given, and refused otherwise.',
      'It serves once the log says: Kafka Server started.',
    ],
    options,
    examples: [
      'skarab broker --log-dir ./data --cluster-id 5L6g3nShT-eMCtK--X86sw',
      'skarab broker --log-dir ./data --listen-addr 0.0.0.0:9092 --advertised-addr broker.example.com:9092',
      'skarab broker --config server.properties --set log.retention.hours=24 --log-format json',
    ],
    run: async ({ args, env, stdout, endRequested }) => {
      const { values } = parseOptions(options, args, env);
      const logger = await openLogger(values, stdout);
      const config = await loadConfig(values, env);
      checkCluster(config, values['cluster-id']);
      if (!isFormatted(config)) {
        const clusterId = values['cluster-id'];
        if (clusterId === undefined) throw notFormatted(config);
        await formatAlone(config, clusterId, await loadFormatter(), (line) => logger.info({}, line));
      }
      const startNode = await loadStartNode();
      return runNode({ config, logger, startNode, endRequested, ...observabilityAddress(values) });
    },
  };
}
