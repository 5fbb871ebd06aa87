/** The subcommands of the storage tool and their arguments, named as Kafka names them. */
import type { Argument, Subcommand } from './argument-parser.ts';

const config: Argument = {
  name: '--config',
  short: '-c',
  kind: 'value',
  required: true,
  help: 'server.properties of the node.',
};

const releaseVersion: Argument = {
  name: '--release-version',
  short: '-r',
  kind: 'value',
  help: 'A Kafka release (4.2) or a metadata version (4.2-IV1), from 3.3-IV3; the newest stable one by default.',
};

export const STORAGE_COMMANDS: readonly Subcommand[] = [
  { name: 'info', help: 'Show what the log directories of this node hold.', arguments: [config] },
  {
    name: 'format',
    help: 'Make the log directories of this node ready for use.',
    arguments: [
      config,
      {
        name: '--cluster-id',
        short: '-t',
        kind: 'value',
        required: true,
        help: 'The id of the cluster, the same on every node.',
      },
      {
        name: '--add-scram',
        short: '-S',
        kind: 'values',
        help: "A SCRAM credential of the new cluster, such as 'SCRAM-SHA-256=[name=alice,password=secret]'; may be repeated.",
      },
      {
        name: '--ignore-formatted',
        short: '-g',
        kind: 'flag',
        help: 'Leave directories alone that are formatted already.',
      },
      releaseVersion,
      { name: '--feature', short: '-f', kind: 'values', help: 'A feature level, feature=level; may be repeated.' },
      {
        name: '--standalone',
        short: '-s',
        kind: 'flag',
        group: 'quorum',
        help: 'This controller alone is the first quorum.',
      },
      {
        name: '--no-initial-controllers',
        short: '-N',
        kind: 'flag',
        group: 'quorum',
        help: 'This node is not told the quorum; it finds it through controller.quorum.bootstrap.servers.',
      },
      {
        name: '--initial-controllers',
        short: '-I',
        kind: 'value',
        group: 'quorum',
        help: 'The first quorum: id@host:port:directoryId, separated by commas, the same on every node.',
      },
    ],
  },
  {
    name: 'version-mapping',
    help: 'Show the feature levels that a release starts with.',
    arguments: [releaseVersion],
  },
  {
    name: 'feature-dependencies',
    help: 'Show which other feature levels a feature level needs.',
    arguments: [
      { name: '--feature', short: '-f', kind: 'values', required: true, help: 'feature=level; may be repeated.' },
    ],
  },
  { name: 'random-uuid', help: 'Print a new random id.', arguments: [] },
];
