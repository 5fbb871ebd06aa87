/**
 * What a broker checks of configuration alterations before they go to the controller.
 *
 * The controller cannot know whether this broker could run with its own new configuration, so it is tried here.
 * Pure. Source: kafka.server.ConfigAdminManager.preprocess.
 */
import { brokerConfigDef, ConfigResourceType, type DynamicBrokerConfig } from '@skarab/config';
import { ErrorCode } from '@skarab/protocol';

/** Kinds of alterations (KIP-339). */
export const AlterationKind = { SET: 0, DELETE: 1, APPEND: 2, SUBTRACT: 3 } as const;

/** One configuration to be changed. */
export interface Alteration {
  readonly name: string;
  readonly value: string | null;
  /** One of `AlterationKind`; a legacy alteration is a SET on top of nothing. */
  readonly configOperation: number;
}

/** All changes of one resource. */
export interface ResourceAlteration {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly Alteration[];
}

/** What is answered without asking the controller: a refusal with Kafka's code and text, or that it is done. */
export interface AlterationOutcome {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

/** What the check looks up. */
export interface AlterationCheckParts {
  readonly nodeId: number;
  /** On a controller's listener: a broker has checked what concerns itself before it passed it on, and the controller decides about all. */
  readonly isController?: boolean;
  readonly broker: DynamicBrokerConfig;
  /** What is stored for a BROKER resource now; legacy alterations start from nothing. */
  readonly stored: (resourceName: string) => ReadonlyMap<string, string>;
  /** Alters loggers at once; absent where they cannot be altered. */
  readonly alterLoggers?: (resource: ResourceAlteration) => AlterationOutcome;
}

/** A legacy alteration, which replaces everything, as a list of SETs. */
export function setAlterations(resource: {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly configs: readonly { readonly name: string; readonly value: string | null }[];
}): ResourceAlteration {
  return {
    ...resource,
    configs: resource.configs.map(({ name, value }) => ({ name, value, configOperation: AlterationKind.SET })),
  };
}

/** What came of alterations here, by their position; absent ones go on to the controller. */
export function checkAlterations(
  parts: AlterationCheckParts,
  resources: readonly ResourceAlteration[],
): Map<number, AlterationOutcome> {
  const refusals = new Map<number, AlterationOutcome>();
  const first = new Map<string, number>();
  resources.forEach((resource, i) => {
    const key = `${resource.resourceType}:${resource.resourceName}`;
    const earlier = first.get(key);
    if (earlier === undefined) first.set(key, i);
    else
      for (const position of [earlier, i]) refusals.set(position, invalid('Each resource must appear at most once.'));
  });
  resources.forEach((resource, i) => {
    if (refusals.has(i)) return;
    const refusal = checkResource(parts, resource);
    if (refusal !== undefined) refusals.set(i, refusal);
  });
  return refusals;
}

function invalid(errorMessage: string): AlterationOutcome {
  return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage };
}

function checkResource(parts: AlterationCheckParts, resource: ResourceAlteration): AlterationOutcome | undefined {
  const { configs, resourceType } = resource;
  if (new Set(configs.map(({ name }) => name)).size < configs.length)
    return invalid('Error due to duplicate config keys');
  const nulls = configs.filter(
    ({ value, configOperation }) => value === null && configOperation !== AlterationKind.DELETE,
  );
  if (nulls.length > 0) return invalid(`Null value not supported for : ${nulls.map(({ name }) => name).join(', ')}`);
  switch (resourceType) {
    case ConfigResourceType.BROKER:
      return parts.isController === true ? undefined : checkBroker(parts, resource);
    case ConfigResourceType.BROKER_LOGGER:
      return parts.alterLoggers?.(resource) ?? invalid(`Unknown resource type ${resourceType}`);
    case ConfigResourceType.TOPIC:
    case ConfigResourceType.CLIENT_METRICS:
    case ConfigResourceType.GROUP:
      return undefined;
    default:
      return invalid(`Unknown resource type ${resourceType}`);
  }
}

function checkBroker(
  { nodeId, broker, stored }: AlterationCheckParts,
  resource: ResourceAlteration,
): AlterationOutcome | undefined {
  const { resourceName: name } = resource;
  if (name !== '' && !/^[+-]?\d+$/.test(name)) return invalid(`Node id must be an integer, but it is: ${name}`);
  if (name !== '' && Number(name) !== nodeId)
    return invalid(`Unexpected broker id, expected ${nodeId}, but received ${name}`);
  const altered = new Map(stored(name));
  for (const alteration of resource.configs) {
    const refusal = alter(altered, alteration);
    if (refusal !== undefined) return refusal;
  }
  const problem = broker.validate(altered, name !== '');
  return problem === undefined ? undefined : { errorCode: problem.errorCode, errorMessage: problem.message };
}

function alter(
  configs: Map<string, string>,
  { name, value, configOperation }: Alteration,
): AlterationOutcome | undefined {
  switch (configOperation) {
    case AlterationKind.SET:
      configs.set(name, value ?? '');
      return undefined;
    case AlterationKind.DELETE:
      configs.delete(name);
      return undefined;
    case AlterationKind.APPEND:
    case AlterationKind.SUBTRACT: {
      const key = brokerConfigDef.get(name);
      if (key === undefined)
        return { errorCode: ErrorCode.INVALID_CONFIG, errorMessage: `Unknown config name: ${name}` };
      if (key.type !== 'LIST') {
        const word = configOperation === AlterationKind.APPEND ? 'append' : 'subtract';
        return {
          errorCode: ErrorCode.INVALID_CONFIG,
          errorMessage: `Config value ${word} is not allowed for config key: ${name}`,
        };
      }
      const old = listOf(configs.get(name) ?? key.default ?? '');
      const change = listOf(value ?? '');
      const fresh =
        configOperation === AlterationKind.APPEND
          ? [...old, ...change.filter((item) => !old.includes(item))]
          : old.filter((item) => !change.includes(item));
      configs.set(name, fresh.join(','));
      return undefined;
    }
    default:
      return invalid(`Unknown operations type ${configOperation}`);
  }
}

function listOf(text: string): string[] {
  return text === '' ? [] : text.split(',').map((item) => item.trim());
}
