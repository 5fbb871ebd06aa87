/**
 * The generated tables of record types: of coordinators (a type for key and value) and of logs without keys.
 */
import { codec, codecNames, range } from './emit-codec.ts';
import { MARKER } from './emit-file.ts';
import { constantName } from './names.ts';
import type { PlannedFile } from './plan.ts';
import type { Message } from './schema.ts';

interface RecordType {
  readonly id: number;
  readonly name: string;
  /** The messages of the type, and the module they are in. */
  readonly messages: readonly Message[];
  readonly module: string;
}

/** Text of `types.ts` of a coordinator: record type → codecs of key and value. */
export function emitCoordinatorRecords(prefix: string, files: readonly PlannedFile[]): string {
  const types = files.map(({ path, messages }) => {
    const key = messages.find(({ kind }) => kind === 'coordinator-key')!;
    const value = messages.find(({ kind }) => kind === 'coordinator-value')!;
    return { id: key.apiKey!, name: key.name.replace(/Key$/, ''), messages: [key, value], module: moduleOf(path) };
  });
  return emitTable(
    prefix,
    'CoordinatorRecordCodec',
    'Types of coordinator records: the int16 in front of the key.',
    types,
    (type) => {
      const [key, value] = type.messages as [Message, Message];
      return `key: ${codec(key)}, keyVersions: ${range(key.validVersions)}, value: ${codec(value)}, valueVersions: ${range(value.validVersions)}`;
    },
  );
}

/** Text of `types.ts` of a log whose records have no keys: record type → codec. */
export function emitTypedRecords(prefix: string, files: readonly PlannedFile[]): string {
  const types = files.flatMap(({ path, messages }) =>
    messages
      .filter(({ kind, apiKey }) => kind === 'metadata' && apiKey !== null)
      .map((message) => ({ id: message.apiKey!, name: message.name, messages: [message], module: moduleOf(path) })),
  );
  return emitTable(
    prefix,
    'TypedRecordCodec',
    'Types of records: the varint in front of the version.',
    types,
    ({ messages: [message] }) => {
      return `versions: ${range(message!.validVersions)}, codec: ${codec(message!)}`;
    },
  );
}

function emitTable(
  prefix: string,
  rowType: string,
  about: string,
  unsorted: readonly RecordType[],
  cells: (type: RecordType) => string,
): string {
  const types = [...unsorted].sort((a, b) => a.id - b.id);
  const constant = `${prefix.charAt(0).toUpperCase()}${prefix.slice(1)}RecordType`;
  const imports = types.map(
    ({ messages, module }) => `import { ${messages.flatMap(codecNames).sort().join(', ')} } from '${module}';`,
  );
  return `${MARKER}
import { asCodec, type ${rowType} } from '../../../wire/codec.ts';
${imports.join('\n')}

/** ${about} */
export const ${constant} = {
${types.map(({ id, name }) => `  ${constantName(name)}: ${id},`).join('\n')}
} as const;

/** A known type. */
export type ${constant} = (typeof ${constant})[keyof typeof ${constant}];

/** Codecs, by type. */
export const ${prefix}RecordCodecs: ReadonlyMap<number, ${rowType}> = new Map([
${types.map((type) => `  [${type.id}, { type: ${type.id}, name: '${type.name}', ${cells(type)} }],`).join('\n')}
]);
`;
}

function moduleOf(path: string): string {
  return `./${path.split('/').at(-1)}`;
}
