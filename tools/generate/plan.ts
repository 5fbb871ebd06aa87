/**
 * Which file of `packages/protocol/src/generated` holds which messages.
 */
import { apiName, fileName } from './names.ts';
import type { Message } from './schema.ts';
import type { SchemaSource } from './sources.ts';

/** A file to be written. */
export interface PlannedFile {
  /** Path below `src/generated`. */
  readonly path: string;
  readonly messages: readonly Message[];
}

/** Folder of record schemas, by the jar they come from. */
const FOLDER: Record<SchemaSource, string> = {
  'kafka-clients': 'common',
  'kafka-metadata': 'metadata',
  'kafka-group-coordinator': 'group',
  'kafka-share-coordinator': 'share',
  'kafka-transaction-coordinator': 'transaction',
  'kafka-raft': 'raft',
  'kafka-storage': 'storage',
};

/** Plans all files: one per API (request and response), the headers, one per record schema. */
export function planFiles(sources: ReadonlyMap<SchemaSource, readonly Message[]>): PlannedFile[] {
  const files = new Map<string, Message[]>();
  for (const [source, messages] of sources) {
    for (const message of messages) {
      if (message.validVersions === null) continue;
      const path = pathOf(source, message);
      const file = files.get(path);
      if (file === undefined) files.set(path, [message]);
      else file.push(message);
    }
  }
  return [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, messages]) => ({ path, messages: messages.sort(requestFirst) }));
}

function requestFirst(a: Message, b: Message): number {
  return a.name < b.name ? -1 : 1;
}

function pathOf(source: SchemaSource, message: Message): string {
  if (message.kind === 'header') return `${fileName(message.name)}.ts`;
  if (message.kind === 'request' || message.kind === 'response') {
    return `${String(message.apiKey).padStart(2, '0')}-${fileName(apiName(message.name))}.ts`;
  }
  const name = message.kind.startsWith('coordinator') ? message.name.replace(/(Key|Value)$/, '') : message.name;
  return `records/${FOLDER[source]}/${fileName(name)}.ts`;
}
