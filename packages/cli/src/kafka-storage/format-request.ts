/**
 * `format`: from server.properties and arguments to what shall be formatted, with Kafka's objections.
 *
 * Pure but for the directory id of a standalone controller, which comes in.
 */
import { isUuid, type Uuid } from '@skarab/base';
import type { BrokerConfig } from '@skarab/config';
import { type FormatRequest, type InitialController, parseMetadataVersion } from '@skarab/metadata';
import { parseLevel } from './feature-tables.ts';
import { TerseFailure } from './terse-failure.ts';

export interface FormatArguments {
  readonly clusterId: string;
  readonly standalone: boolean;
  readonly noInitialControllers: boolean;
  readonly initialControllers?: string;
  readonly ignoreFormatted: boolean;
  readonly releaseVersion?: string;
  readonly features: readonly string[];
  readonly scramCredentials?: readonly string[];
}

/** The directories that a node's configuration names, each once, in Kafka's order. */
export function logDirectoriesOf(config: BrokerConfig): string[] {
  return [...new Set([...config.logDirs, config.metadataLogDir])].sort();
}

/** What to format. Errors: TerseFailure and KafkaError with Kafka's text. */
export function formatRequest(config: BrokerConfig, args: FormatArguments, newDirectoryId: () => Uuid): FormatRequest {
  const unstableFeatureVersionsEnabled = config.get('unstable.feature.versions.enable');
  if (args.releaseVersion !== undefined) parseMetadataVersion(args.releaseVersion, unstableFeatureVersionsEnabled);
  const hasDynamicQuorum = config.quorumVoters.size === 0;
  const wantsControllers = args.standalone || args.initialControllers !== undefined;
  const isController = config.processRoles.has('controller');
  if (!hasDynamicQuorum && wantsControllers) {
    throw new TerseFailure(
      'You cannot specify controller.quorum.voters and format the node with --initial-controllers or --standalone. If you want to use ' +
        'dynamic quorum, please remove controller.quorum.voters and specify controller.quorum.bootstrap.servers instead.',
    );
  }
  if (args.standalone && !isController) throw new TerseFailure('You can only use --standalone on a controller.');
  if (!args.noInitialControllers && isController && hasDynamicQuorum && !wantsControllers) {
    throw new TerseFailure(
      'Because controller.quorum.voters is not set on this controller, you must specify one of the following: ' +
        '--standalone, --initial-controllers, or --no-initial-controllers.',
    );
  }
  const initialControllers = args.standalone
    ? [standaloneController(config, newDirectoryId())]
    : args.initialControllers === undefined
      ? undefined
      : parseInitialControllers(args.initialControllers);
  return {
    directories: logDirectoriesOf(config),
    metadataLogDir: config.metadataLogDir,
    nodeId: config.nodeId,
    clusterId: args.clusterId,
    controllerListenerName: config.get('controller.listener.names')?.[0] ?? '',
    ...(initialControllers && { initialControllers }),
    hasDynamicQuorum,
    ignoreFormatted: args.ignoreFormatted,
    ...(args.releaseVersion !== undefined && { releaseVersion: args.releaseVersion }),
    featureLevels: new Map(args.features.map(parseFeature)),
    ...(args.scramCredentials && { scramArguments: args.scramCredentials }),
    unstableFeatureVersionsEnabled,
  };
}

function standaloneController(config: BrokerConfig, directoryId: Uuid): InitialController {
  const [endpoint] = config.listeners.advertisedController;
  if (endpoint === undefined) throw new TerseFailure('No controller listeners found.');
  return { id: config.nodeId, host: endpoint.host ?? 'localhost', port: endpoint.port, directoryId };
}

/** `id@host:port:directoryId`, separated by commas. */
export function parseInitialControllers(text: string): InitialController[] {
  const controllers = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseInitialController);
  if (controllers.length === 0) throw new TerseFailure('No voters given.');
  const ids = controllers.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new TerseFailure(`Node id ${twice} was specified more than once.`);
  return controllers;
}

function parseInitialController(text: string): InitialController {
  const match = /^(\d+)@(\[[^\]]+\]|[^:[\]]+):(\d+):(.+)$/.exec(text);
  const [, id = '', host = '', port = '', directoryId = ''] = match ?? [];
  if (match === null || Number(port) > 65535) {
    throw new TerseFailure(`'${text}' is not a controller; expected id@host:port:directoryId`);
  }
  if (!isUuid(directoryId)) throw new TerseFailure(`'${directoryId}' in '${text}' is not a directory id`);
  return { id: Number(id), host: host.replace(/^\[|\]$/g, ''), port: Number(port), directoryId };
}

function parseFeature(text: string): [string, number] {
  const equals = text.indexOf('=');
  if (equals < 0) throw new TerseFailure(`Can't parse feature=level string ${text}: equals sign not found.`);
  const level = parseLevel(text.slice(equals + 1).trim());
  if (level === undefined) {
    throw new TerseFailure(
      `Can't parse feature=level string ${text}: unable to parse ${text.slice(equals + 1).trim()} as a short.`,
    );
  }
  return [text.slice(0, equals).trim(), level];
}
