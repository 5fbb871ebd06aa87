/**
 * `meta.properties`: whose log directory this is.
 *
 * Shape: a Java properties file; comments and the order of lines are of no meaning. Version 1 needs node and cluster id.
 * Source: org.apache.kafka.metadata.properties.MetaProperties, java.util.Properties.
 */
import { Buffer } from 'node:buffer';
import { CorruptDataError, isUuid, type Uuid } from '@skarab/base';

/** What a log directory says of itself. */
export interface MetaProperties {
  readonly version: number;
  readonly clusterId: string | null;
  readonly nodeId: number | null;
  readonly directoryId: Uuid | null;
}

/** The bytes of `meta.properties`. `writtenAt` is shown in the comment that Java puts there. */
export function encodeMetaProperties(properties: MetaProperties, writtenAt: string): Uint8Array {
  const { version, clusterId, nodeId, directoryId } = properties;
  // The order that Java's hash table gives.
  const lines = ['#', `#${writtenAt}`];
  if (nodeId !== null) lines.push(`${version === 0 ? 'broker' : 'node'}.id=${nodeId}`);
  if (directoryId !== null) lines.push(`directory.id=${directoryId}`);
  lines.push(`version=${version}`);
  if (clusterId !== null) lines.push(`cluster.id=${clusterId}`);
  lines.push('');
  return Buffer.from(lines.join('\n'));
}

/** Errors: `CorruptDataError` when something needed is missing or unreadable. */
export function decodeMetaProperties(bytes: Uint8Array, file: string): MetaProperties {
  const texts = parseProperties(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  const fail = (what: string): never => {
    throw new CorruptDataError(`${file}: ${what}`, { file });
  };
  const number = (name: string): number | null => {
    const text = texts.get(name);
    if (text === undefined) return null;
    return /^-?\d+$/.test(text) ? Number(text) : fail(`Unable to read ${name} as a base-10 number.`);
  };
  const version = number('version') ?? 0;
  if (version !== 0 && version !== 1) fail(`Unknown version ${version}`);
  const clusterId = texts.get('cluster.id') ?? null;
  const nodeId = number(version === 0 ? 'broker.id' : 'node.id');
  const directoryId = texts.get('directory.id') ?? null;
  if (directoryId !== null && !isUuid(directoryId)) fail('Unable to read directory.id as a Uuid');
  if (version === 1 && clusterId === null) fail('cluster.id was not found.');
  if (version === 1 && nodeId === null) fail('node.id was not found.');
  return { version, clusterId, nodeId, directoryId };
}

/** Names and values of a Java properties file, without line continuations, which nobody writes here. */
export function parseProperties(text: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([^#!\s][^=:\s]*)\s*[=:\s]\s*(.*)$/.exec(line);
    if (match !== null) properties.set(match[1]!, match[2]!.replace(/\\([=:#!\\ ])/g, '$1'));
  }
  return properties;
}
