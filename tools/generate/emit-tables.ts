/**
 * Generated tables: error codes, API keys, codecs by API key, record types, and the index that exports every generated file.
 */
import { MARKER } from './emit-file.ts';
import { apiName, constantName } from './names.ts';
import type { PlannedFile } from './plan.ts';
import type { Message } from './schema.ts';
import type { Versions } from './versions.ts';

/** One protocol error. */
export interface ErrorRow {
  readonly code: number;
  readonly name: string;
  readonly retriable: boolean;
  readonly staleMetadata: boolean;
}

/** Text of `errors.ts`. */
export function emitErrors(rows: readonly ErrorRow[]): string {
  const codes = (accept: (row: ErrorRow) => boolean): string =>
    rows
      .filter(accept)
      .map(({ code }) => code)
      .join(', ');
  return `${MARKER}

/** Error codes of the protocol, by Kafka's names. */
export const ErrorCode = {
${rows.map(({ name, code }) => `  ${name}: ${code},`).join('\n')}
} as const;

/** A known error code. */
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

const names: ReadonlyMap<number, string> = new Map(Object.entries(ErrorCode).map(([name, code]) => [code, name]));
const retriable: ReadonlySet<number> = new Set([${codes((row) => row.retriable)}]);
const staleMetadata: ReadonlySet<number> = new Set([${codes((row) => row.staleMetadata)}]);

/** Kafka's name of an error code; codes that it does not know are UNKNOWN_SERVER_ERROR. */
export function errorName(code: number): string {
  return names.get(code) ?? 'UNKNOWN_SERVER_ERROR';
}

/** True when the same request may succeed later. */
export function isRetriable(code: number): boolean {
  return retriable.has(code);
}

/** True when the error says that the client's metadata is out of date. */
export function isStaleMetadata(code: number): boolean {
  return staleMetadata.has(code);
}
`;
}

interface Api {
  readonly request: Message;
  readonly response: Message;
}

/** Pairs of request and response, by key; removed ones included. */
export function apisOf(messages: readonly Message[]): Api[] {
  const requests = messages.filter(({ kind }) => kind === 'request').sort((a, b) => a.apiKey! - b.apiKey!);
  return requests.map((request) => {
    const response = messages.find(({ kind, apiKey }) => kind === 'response' && apiKey === request.apiKey);
    if (response === undefined) throw new Error(`${request.name} has no response`);
    return { request, response };
  });
}

/** Text of `apis.ts`. */
export function emitApis(apis: readonly Api[]): string {
  const rows = apis
    .filter(({ request }) => request.validVersions !== null)
    .map(({ request }) => {
      const listeners = request.listeners.map((listener) => `'${listener}'`).join(', ');
      return `  { key: ${request.apiKey}, name: '${apiName(request.name)}', validVersions: ${range(request.validVersions)}, flexibleVersions: ${range(request.flexibleVersions)}, latestVersionUnstable: ${request.latestVersionUnstable}, listeners: [${listeners}] },`;
    });
  return `${MARKER}
import type { ApiInfo } from '../wire/api-info.ts';

/** API keys by Kafka's names, those removed in Kafka 4.0 included. */
export const ApiKey = {
${apis.map(({ request }) => `  ${constantName(apiName(request.name))}: ${request.apiKey},`).join('\n')}
} as const;

/** A known API key. */
export type ApiKey = (typeof ApiKey)[keyof typeof ApiKey];

/** Every API that has versions, by key. */
export const apis: readonly ApiInfo[] = [
${rows.join('\n')}
];
`;
}

function range(versions: Versions | null): string {
  return versions === null ? 'null' : `{ min: ${versions.low}, max: ${versions.high} }`;
}

/** Text of `codecs.ts`. */
export function emitApiCodecs(apis: readonly Api[], files: readonly PlannedFile[]): string {
  const served = apis.filter(({ request }) => request.validVersions !== null);
  const imports = served.map(({ request, response }) => {
    const { path } = files.find(({ messages }) => messages.includes(request))!;
    const names = [request, response].flatMap(({ name }) => codecNames(name));
    return `import { ${names.sort().join(', ')} } from './${path}';`;
  });
  const rows = served.map(
    ({ request, response }) =>
      `  [${request.apiKey}, { request: ${codec(request.name)}, response: ${codec(response.name)} }],`,
  );
  return `${MARKER}
import { type ApiCodec, asCodec } from '../wire/codec.ts';
${imports.join('\n')}

/** Codecs of requests and responses, by API key. */
export const apiCodecs: ReadonlyMap<number, ApiCodec> = new Map([
${rows.join('\n')}
]);
`;
}

function codecNames(name: string): string[] {
  return [`decode${name}`, `encode${name}`, `new${name}`, `size${name}`];
}

function codec(name: string): string {
  return `asCodec('${name}', decode${name}, encode${name}, size${name}, new${name})`;
}

/** Text of `records/<folder>/index.ts` for coordinators: record type → codecs of key and value. */
export function emitCoordinatorRecords(prefix: string, files: readonly PlannedFile[]): string {
  const rows: string[] = [];
  const types: string[] = [];
  const imports: string[] = [];
  const pairs = files.map(({ path, messages }) => ({
    path,
    key: messages.find((m) => m.kind === 'coordinator-key')!,
    value: messages.find((m) => m.kind === 'coordinator-value')!,
  }));
  for (const { path, key, value } of pairs.sort((a, b) => a.key.apiKey! - b.key.apiKey!)) {
    const name = key.name.replace(/Key$/, '');
    imports.push(
      `import { ${[key, value]
        .flatMap((m) => codecNames(m.name))
        .sort()
        .join(', ')} } from './${path.split('/').at(-1)}';`,
    );
    types.push(`  ${constantName(name)}: ${key.apiKey},`);
    rows.push(
      `  [${key.apiKey}, { type: ${key.apiKey}, name: '${name}', key: ${codec(key.name)}, keyVersions: ${range(key.validVersions)}, value: ${codec(value.name)}, valueVersions: ${range(value.validVersions)} }],`,
    );
  }
  return `${MARKER}
import { asCodec, type CoordinatorRecordCodec } from '../../../wire/codec.ts';
${imports.join('\n')}

/** Types of ${prefix} coordinator records: the int16 in front of the key. */
export const ${upper(prefix)}RecordType = {
${types.join('\n')}
} as const;

/** A known type. */
export type ${upper(prefix)}RecordType = (typeof ${upper(prefix)}RecordType)[keyof typeof ${upper(prefix)}RecordType];

/** Codecs of keys and values, by type. */
export const ${prefix}RecordCodecs: ReadonlyMap<number, CoordinatorRecordCodec> = new Map([
${rows.join('\n')}
]);
`;
}

/** Text of `records/metadata/index.ts` and the like: record type → codec. */
export function emitTypedRecords(prefix: string, files: readonly PlannedFile[]): string {
  const typed = files
    .flatMap(({ path, messages }) => messages.map((message) => ({ path, message })))
    .filter(({ message }) => message.kind === 'metadata' && message.apiKey !== null);
  typed.sort((a, b) => a.message.apiKey! - b.message.apiKey!);
  const imports = typed.map(
    ({ path, message }) => `import { ${codecNames(message.name).join(', ')} } from './${path.split('/').at(-1)}';`,
  );
  const types = typed.map(({ message }) => `  ${constantName(message.name)}: ${message.apiKey},`);
  const rows = typed.map(
    ({ message }) =>
      `  [${message.apiKey}, { type: ${message.apiKey}, name: '${message.name}', versions: ${range(message.validVersions)}, codec: ${codec(message.name)} }],`,
  );
  return `${MARKER}
import { asCodec, type TypedRecordCodec } from '../../../wire/codec.ts';
${imports.join('\n')}

/** Types of ${prefix} records. */
export const ${upper(prefix)}RecordType = {
${types.join('\n')}
} as const;

/** A known type. */
export type ${upper(prefix)}RecordType = (typeof ${upper(prefix)}RecordType)[keyof typeof ${upper(prefix)}RecordType];

/** Codecs, by type. */
export const ${prefix}RecordCodecs: ReadonlyMap<number, TypedRecordCodec> = new Map([
${rows.join('\n')}
]);
`;
}

/** Text of `index.ts`: everything of every file. */
export function emitIndex(paths: readonly string[]): string {
  return [MARKER, ...[...paths].sort().map((path) => `export * from './${path}';`), ''].join('\n');
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
