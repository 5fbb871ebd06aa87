/**
 * Decides about AlterClientQuotas, and answers DescribeClientQuotas from an image.
 *
 * Source: org.apache.kafka.controller.ClientQuotaControlManager, org.apache.kafka.image.ClientQuotasImage; KIP-546, KIP-599, KIP-612.
 */
import {
  type AlterClientQuotasRequest,
  type AlterClientQuotasRequestEntryData,
  type AlterClientQuotasResponse,
  type DescribeClientQuotasRequest,
  type DescribeClientQuotasResponse,
  ErrorCode,
  newAlterClientQuotasResponse,
  newDescribeClientQuotasResponse,
  type OpData,
} from '@skarab/protocol';
import {
  type ClientQuotasImage,
  clientQuotaRecord,
  type QuotaEntity,
  QuotaEntityType,
  quotaEntityKey,
  quotaEntityOf,
  quotaEntityStructs,
} from '../image/client-quotas-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decideAtomically, type ErrorValue, failure } from './decision.ts';

const { USER, CLIENT_ID, IP } = QuotaEntityType;

/** Quotas by name; whole numbers up to a bound, or any number. */
type QuotaKeys = Readonly<Record<string, { readonly type: string; readonly max: number } | 'any'>>;

const LONG = { type: 'a LONG', max: 2 ** 63 };
const INT = { type: 'an INT', max: 2 ** 31 - 1 };
const CLIENT_KEYS: QuotaKeys = {
  producer_byte_rate: LONG,
  consumer_byte_rate: LONG,
  request_percentage: 'any',
  controller_mutation_rate: 'any',
};
const IP_KEYS: QuotaKeys = { connection_creation_rate: INT };

/** An address in figures, or a name that might resolve to one. */
const HOST = /^(?:[0-9a-fA-F:]*:[0-9a-fA-F:.]*|(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)$/;

type EntryResult = { readonly records: readonly MetadataRecord[] } | { readonly error: ErrorValue };

/** Changes quotas, entity by entity. */
export function alterClientQuotas(
  state: ControllerState,
  request: AlterClientQuotasRequest,
): Decision<AlterClientQuotasResponse> {
  const records: MetadataRecord[] = [];
  // One answer per entity: that it came twice, if it did, though the first of its entries has counted.
  const outcomes = new Map<string, { readonly entity: QuotaEntity; readonly error: ErrorValue }>();
  for (const entry of request.entries) {
    const entity = quotaEntityOf(entry.entity);
    const key = quotaEntityKey(entity);
    const isRepeated = outcomes.has(key) || new Set(entry.ops.map((op) => op.key)).size < entry.ops.length;
    const result = isRepeated ? invalid(`Ignoring duplicate entity ${format(entity)}`) : alterOne(state, entry, entity);
    if ('records' in result) records.push(...result.records);
    outcomes.set(key, { entity, error: 'error' in result ? result.error : failure(ErrorCode.NONE) });
  }
  const entries = [...outcomes.values()].map(({ entity, error }) => {
    return { errorCode: error.code, errorMessage: error.message, entity: quotaEntityStructs(entity) };
  });
  return decideAtomically(request.validateOnly ? [] : records, newAlterClientQuotasResponse({ entries }));
}

function alterOne(state: ControllerState, entry: AlterClientQuotasRequestEntryData, entity: QuotaEntity): EntryResult {
  const keys = keysOf(entry, entity);
  if ('error' in keys) return keys;
  const current = state.image.clientQuotas.entities.get(quotaEntityKey(entity))?.quotas;
  const records: MetadataRecord[] = [];
  for (const op of entry.ops) {
    const reason = op.remove ? null : reasonInvalidValue(keys.keys, op);
    if (reason !== null) return invalid(reason);
    const value = op.remove ? null : op.value;
    if ((current?.get(op.key) ?? null) !== value) records.push(clientQuotaRecord(entity, op.key, value));
  }
  return { records };
}

/** The quotas that an entity may have; only some combinations of types make an entity. */
function keysOf(
  entry: AlterClientQuotasRequestEntryData,
  entity: QuotaEntity,
): { readonly keys: QuotaKeys } | { readonly error: ErrorValue } {
  if (entity.size === 0) return invalid('Invalid empty client quota entity');
  if (entity.size < entry.entity.length) return invalid('Invalid client quota entity, duplicate entity entry');
  for (const [type, name] of entity) {
    if (type !== USER && type !== CLIENT_ID && type !== IP)
      return invalid(`Unhandled client quota entity type: ${type}`);
    if (name === '') return invalid(`Empty ${type} not supported`);
  }
  if (!entity.has(IP)) return { keys: CLIENT_KEYS };
  if (entity.size > 1) {
    return invalid('Invalid quota entity combination, IP entity shouldnot be combined with User or ClientId');
  }
  const ip = entity.get(IP) ?? null;
  if (ip !== null && !HOST.test(ip)) return invalid(`${ip} is not a valid IP or resolvable host.`);
  return { keys: IP_KEYS };
}

function reasonInvalidValue(keys: QuotaKeys, { key, value }: OpData): string | null {
  const kind = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (kind === undefined) return `Invalid configuration key ${key}`;
  if (!(value > 0)) return `Quota ${key} must be greater than 0`;
  if (kind === 'any') return null;
  if (value > kind.max) return `Proposed value for ${key} is too large for ${kind.type}.`;
  return Math.abs(value % 1) > 1e-6 ? `${key} cannot be a fractional value.` : null;
}

/** Numbers of match types in DescribeClientQuotas. */
const MatchType = { EXACT: 0, DEFAULT: 1, SPECIFIED: 2 } as const;

interface QuotaFilter {
  /** Type → name; null for the default entity. */
  readonly exact: Map<string, string | null>;
  /** Types that must be there, whatever the name. */
  readonly present: Set<string>;
}

/** The quotas that match a filter, or why the filter makes no sense. */
export function describeClientQuotas(
  image: ClientQuotasImage,
  request: DescribeClientQuotasRequest,
): DescribeClientQuotasResponse {
  const filter: QuotaFilter = { exact: new Map(), present: new Set() };
  const error = fillFilter(filter, request);
  if (error !== null) {
    return newDescribeClientQuotasResponse({ errorCode: error.code, errorMessage: error.message, entries: null });
  }
  const entries = [...image.entities.values()].filter(({ entity }) => matches(entity, filter, request.strict));
  return newDescribeClientQuotasResponse({
    entries: entries.map(({ entity, quotas }) => ({
      entity: quotaEntityStructs(entity),
      values: [...quotas].map(([key, value]) => ({ key, value })),
    })),
  });
}

function fillFilter(filter: QuotaFilter, request: DescribeClientQuotasRequest): ErrorValue | null {
  const { exact, present } = filter;
  for (const { entityType, matchType, match } of request.components) {
    if (entityType === '') return invalid('Invalid empty entity type.').error;
    if (exact.has(entityType) || present.has(entityType)) {
      return invalid(`Entity type ${entityType} cannot appear more than once in the filter.`).error;
    }
    if (entityType !== USER && entityType !== CLIENT_ID && entityType !== IP) {
      return failure(ErrorCode.UNSUPPORTED_VERSION, `Unsupported entity type ${entityType}`);
    }
    if (matchType === MatchType.EXACT) {
      if (match === null) {
        return invalid('Request specified MATCH_TYPE_EXACT, but set match string to null.').error;
      }
      exact.set(entityType, match);
    } else if (matchType === MatchType.DEFAULT || matchType === MatchType.SPECIFIED) {
      if (match !== null) {
        const name = matchType === MatchType.DEFAULT ? 'MATCH_TYPE_DEFAULT' : 'MATCH_TYPE_SPECIFIED';
        return invalid(`Request specified ${name}, but also specified a match string.`).error;
      }
      if (matchType === MatchType.DEFAULT) exact.set(entityType, null);
      else present.add(entityType);
    } else return invalid(`Unknown match type ${matchType}`).error;
  }
  const types = new Set([...exact.keys(), ...present]);
  if (!types.has(IP) || types.size === 1) return null;
  return invalid(
    'Invalid entity filter component combination. IP filter component should not be used with user or clientId ' +
      'filter component.',
  ).error;
}

function matches(entity: QuotaEntity, { exact, present }: QuotaFilter, strict: boolean): boolean {
  if (strict && entity.size !== exact.size + present.size) return false;
  for (const [type, name] of exact) if (entity.get(type) !== name) return false;
  for (const type of present) if (!entity.has(type)) return false;
  return true;
}

function format(entity: QuotaEntity): string {
  return `ClientQuotaEntity(entries={${[...entity].map(([type, name]) => `${type}=${name}`).join(', ')}})`;
}

function invalid(message: string): { readonly error: ErrorValue } {
  return { error: failure(ErrorCode.INVALID_REQUEST, message) };
}
