/**
 * The wire layout of a message as a comment: one line per field in wire order, indented by struct, with the versions that have it.
 */
import type { Field, FieldType, Message, Struct } from './schema.ts';
import { formatVersions } from './versions.ts';

/** The comment above a message's code. */
export function emitLayout(message: Message): string {
  const valid = message.validVersions;
  if (valid === null) throw new Error(`${message.name} has no versions`);
  const flexible =
    message.flexibleVersions === null
      ? 'never flexible'
      : `flexible ${formatVersions(message.flexibleVersions, valid)}`;
  const key =
    message.apiKey === null ? '' : `${message.kind.startsWith('re') ? 'api key' : 'type'} ${message.apiKey}, `;
  const unstable = message.latestVersionUnstable ? `, version ${valid.high} unstable` : '';
  const lines: string[] = [
    `${message.name}: ${key}versions ${valid.low === valid.high ? valid.low : `${valid.low}-${valid.high}`}, ${flexible}${unstable}`,
  ];
  const rows: [string, string, string][] = [];
  const shown = new Set<Struct>();
  const walk = (struct: Struct, depth: number): void => {
    shown.add(struct);
    for (const field of struct.fields) {
      rows.push(row(field, depth, message));
      const inner = structOf(field.type);
      if (inner !== null && !shown.has(inner)) walk(inner, depth + 1);
    }
  };
  walk(message.structs[0]!, 0);
  const width = Math.max(0, ...rows.map(([name]) => name.length)) + 2;
  const typeWidth = Math.max(0, ...rows.map(([, type]) => type.length)) + 2;
  for (const [name, type, note] of rows) lines.push(`  ${name.padEnd(width)}${type.padEnd(typeWidth)}${note}`);
  return ['/*', ...lines.map((line) => ` * ${line}`.trimEnd()), ' */'].join('\n');
}

function structOf(type: FieldType): Struct | null {
  if (type.kind === 'struct') return type.struct;
  return type.kind === 'array' ? structOf(type.element) : null;
}

function row(field: Field, depth: number, message: Message): [string, string, string] {
  const valid = message.validVersions!;
  const notes: string[] = [];
  if (field.versions === null) notes.push('no version');
  else if (field.versions.low > valid.low || field.versions.high < valid.high)
    notes.push(formatVersions(field.versions, valid));
  if (field.tagged !== null) notes.push(`tag ${field.tag} in ${formatVersions(field.tagged, valid)}`);
  if (field.nullable !== null)
    notes.push(sameRange(field) ? 'nullable' : `nullable ${formatVersions(field.nullable, valid)}`);
  return [`${'  '.repeat(depth)}${field.name}`, layoutType(field.type), notes.join(', ')];
}

function sameRange(field: Field): boolean {
  return field.nullable!.low === field.versions!.low && field.nullable!.high === field.versions!.high;
}

function layoutType(type: FieldType): string {
  if (type.kind === 'primitive') return type.name;
  if (type.kind === 'struct') return type.struct.kafkaName;
  return `[${layoutType(type.element)}]`;
}
