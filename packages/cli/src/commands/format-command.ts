/** `skarab format`: make log directories ready for a node. */
import { StateError } from '@skarab/base';
import type { FormatDirectories } from '../node/running-node.ts';
import { parseOptions } from '../options/options.ts';
import type { Command } from './command.ts';
import { loadConfig } from './load-config.ts';
import { nodeOptions } from './node-options.ts';
import { checkCluster, formatAlone, formattedClusterId } from './prepare-directory.ts';

const options = {
  ...nodeOptions,
  'cluster-id': {
    value: 'ID',
    short: 't',
    help: 'Id of the cluster, the same on every node; a new random one by default.',
  },
  'node-id': { value: 'N', help: 'The same as --broker-id.' },
  standalone: { short: 's', help: 'This node alone is the first controller quorum (the default for one node).' },
  'initial-controllers': { value: 'LIST', help: 'The first quorum of several nodes: id@host:port:directoryId,…' },
  'no-initial-controllers': {
    help: 'Tell the node no quorum; it finds it through controller.quorum.bootstrap.servers.',
  },
  'release-version': {
    value: 'VERSION',
    help: 'A Kafka release whose feature levels the cluster starts with, such as 4.2.',
  },
  feature: {
    value: 'NAME=LEVEL',
    short: 'f',
    multiple: true,
    noEnv: true,
    help: 'A feature level other than the release has.',
  },
  'add-scram': {
    value: 'CREDENTIAL',
    multiple: true,
    noEnv: true,
    help: "A SCRAM credential, such as 'SCRAM-SHA-256=[name=alice,password=secret]'.",
  },
  'ignore-formatted': { short: 'g', help: 'Leave directories alone that are formatted already.' },
} as const;

/** The command over a formatter. */
export function formatCommand(loadFormatter: () => Promise<FormatDirectories>): Command {
  return {
    name: 'skarab format',
    summary: 'make log directories ready for a node',
    usage: '--log-dir DIR [options]',
    description: [
      'Writes meta.properties and the first metadata into the log directories of one node, as kafka-storage.sh format does. Nothing is ' +
        'formatted twice. A single node needs no more than --log-dir; nodes of one cluster need the same --cluster-id.',
    ],
    options,
    examples: [
      'skarab format --log-dir ./data',
      'skarab format --config server.properties --cluster-id 5L6g3nShT-eMCtK--X86sw --standalone',
    ],
    run: async ({ args, env, stdout }) => {
      const { values } = parseOptions(options, args, env);
      const config = await loadConfig({ ...values, 'broker-id': values['broker-id'] ?? values['node-id'] }, env);
      const clusterId = values['cluster-id'];
      checkCluster(config, clusterId);
      const known = formattedClusterId(config);
      if (known !== undefined && !values['ignore-formatted'])
        throw new StateError(
          `log directory ${config.metadataLogDir} is formatted already, for cluster ${known}; --ignore-formatted leaves it as it is`,
        );
      const initialControllers = values['initial-controllers'];
      const releaseVersion = values['release-version'];
      const isTold = values.standalone || initialControllers !== undefined || values['no-initial-controllers'];
      await formatAlone(config, clusterId ?? known, await loadFormatter(), (line) => stdout.write(`${line}\n`), {
        ignoreFormatted: values['ignore-formatted'],
        features: values.feature,
        ...(values['add-scram'].length > 0 && { scramCredentials: values['add-scram'] }),
        ...(isTold && {
          standalone: values.standalone,
          noInitialControllers: values['no-initial-controllers'],
        }),
        ...(initialControllers !== undefined && { initialControllers }),
        ...(releaseVersion !== undefined && { releaseVersion }),
      });
      return 0;
    },
  };
}
