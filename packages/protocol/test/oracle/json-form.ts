/**
 * Messages in the JSON form of Kafka's tools, by schema: what Kafka must make of our bytes, and what it is given to write.
 *
 * Integers of 64 bits are JSON numbers there, so texts are built and compared, never numbers.
 */
import { Buffer } from 'node:buffer';
import { isDeepStrictEqual } from 'node:util';
import type { Field, FieldType, Message, Struct } from '../../../../tools/generate/schema.ts';
import { contains } from '../../../../tools/generate/versions.ts';
import { defaultStruct } from './defaults.ts';
import type { Fields } from './subjects.ts';

/** With `sizes`, records fields appear as their size, as Kafka prints them; without, as base64, as Kafka reads them. */
export function toJson(schema: Message, version: number, message: Fields, sizes: boolean): string {
  const object = (struct: Struct, fields: Fields): string => {
    const members: string[] = [];
    for (const field of struct.fields) {
      if (!contains(field.versions, version)) continue;
      const value = fields[field.name];
      if (contains(field.tagged, version) && isDefault(field, value)) continue;
      if (sizes && field.type.kind === 'primitive' && field.type.name === 'records') {
        const size = value === null ? null : (value as Uint8Array).length;
        members.push(size === null ? `"${field.name}":null` : `"${field.name}SizeInBytes":${size}`);
      } else members.push(`"${field.name}":${render(field.type, value)}`);
    }
    return `{${members.join(',')}}`;
  };
  const render = (type: FieldType, value: unknown): string => {
    if (value === null) return 'null';
    if (type.kind === 'struct') return object(type.struct, value as Fields);
    if (type.kind === 'array') return `[${(value as unknown[]).map((item) => render(type.element, item)).join(',')}]`;
    switch (type.name) {
      case 'bytes':
      case 'records':
        return `"${Buffer.from(value as Uint8Array).toString('base64')}"`;
      case 'float64':
        return Number.isInteger(value) && Math.abs(value as number) < 1e15 ? `${value}.0` : String(value);
      case 'int64':
        return String(value);
      default:
        return JSON.stringify(value);
    }
  };
  return object(schema.structs[0]!, message);
}

function isDefault(field: Field, value: unknown): boolean {
  return isDeepStrictEqual(
    value,
    defaultStruct({ kafkaName: '', typeName: '', versions: { low: 0, high: 0 }, fields: [field] })[field.name],
  );
}

/** A JSON text with its numbers kept exactly and its members in order, so that equal documents are equal texts. */
export function canonicalJson(text: string): string {
  return JSON.stringify(sorted(parseExactly(text, exactNumber)));
}

/** `JSON.parse` with the third argument of its callback, the number's text, which TypeScript's library does not know yet. */
const parseExactly = JSON.parse as (text: string, reviver: typeof exactNumber) => unknown;

function exactNumber(_key: string, parsed: unknown, context: { source?: string }): unknown {
  if (typeof parsed !== 'number') return parsed;
  const source = context.source ?? '';
  return /^-?\d+$/.test(source) ? BigInt(source) : `float ${parsed}`;
}

function sorted(value: unknown): unknown {
  if (typeof value === 'bigint') return `int ${value}`;
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, member]) => [key, sorted(member)]));
}
