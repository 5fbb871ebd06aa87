/**
 * The generated API table, and the table of codecs by API key.
 */

import { codec, codecNames, range } from './emit-codec.ts';
import { MARKER } from './emit-file.ts';
import type { ApiRow } from './java-facts.ts';
import { apiName } from './names.ts';
import type { PlannedFile } from './plan.ts';
import type { Message } from './schema.ts';

/** Request and response of one API. */
export interface Api {
  readonly request: Message;
  readonly response: Message;
  readonly facts: ApiRow;
}

/** Pairs of request and response, by key; removed ones included. */
export function apisOf(messages: readonly Message[], rows: readonly ApiRow[]): Api[] {
  const requests = messages.filter(({ kind }) => kind === 'request').sort((a, b) => a.apiKey! - b.apiKey!);
  return requests.map((request) => {
    const response = messages.find(({ kind, apiKey }) => kind === 'response' && apiKey === request.apiKey);
    const facts = rows.find(({ key }) => key === request.apiKey);
    if (response === undefined || facts === undefined) throw new Error(`${request.name} has no response or no row`);
    return { request, response, facts };
  });
}

/** Text of `apis.ts`. */
export function emitApis(apis: readonly Api[]): string {
  return `${MARKER}
import type { ApiInfo } from '../wire/api-info.ts';

/** API keys by Kafka's names, those removed in Kafka 4.0 included. */
export const ApiKey = {
${apis.map(({ facts }) => `  ${facts.constant}: ${facts.key},`).join('\n')}
} as const;

/** A known API key. */
export type ApiKey = (typeof ApiKey)[keyof typeof ApiKey];

/** Every API that has versions, by key. */
export const apis: readonly ApiInfo[] = [
${served(apis).map(emitRow).join('\n')}
];
`;
}

function served(apis: readonly Api[]): Api[] {
  return apis.filter(({ request }) => request.validVersions !== null);
}

function emitRow({ request, facts }: Api): string {
  const cells = [
    `key: ${facts.key}`,
    `name: '${apiName(request.name)}'`,
    `validVersions: ${range(request.validVersions)}`,
    `flexibleVersions: ${range(request.flexibleVersions)}`,
    `latestVersionUnstable: ${request.latestVersionUnstable}`,
    `listeners: [${request.listeners.map((listener) => `'${listener}'`).join(', ')}]`,
    `clusterAction: ${facts.clusterAction}`,
    `forwardable: ${facts.forwardable}`,
  ];
  return `  { ${cells.join(', ')} },`;
}

/** Text of `codecs.ts`. */
export function emitApiCodecs(apis: readonly Api[], files: readonly PlannedFile[]): string {
  const imports = served(apis).map(({ request, response }) => {
    const { path } = files.find(({ messages }) => messages.includes(request))!;
    return `import { ${[...codecNames(request), ...codecNames(response)].sort().join(', ')} } from './${path}';`;
  });
  const rows = served(apis).map(
    ({ request, response }) => `  [${request.apiKey}, { request: ${codec(request)}, response: ${codec(response)} }],`,
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
