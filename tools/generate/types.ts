/**
 * What a field type means in TypeScript: its type, its default, the test for "is not the default", its smallest size on the wire.
 */
import type { Field, FieldType, Message, Primitive, Struct } from './schema.ts';
import { contains } from './versions.ts';

const TYPE_OF: Record<Primitive, string> = {
  bool: 'boolean',
  int8: 'number',
  int16: 'number',
  uint16: 'number',
  int32: 'number',
  uint32: 'number',
  int64: 'bigint',
  float64: 'number',
  string: 'string',
  uuid: 'Uuid',
  bytes: 'Uint8Array',
  records: 'RecordsPayload | null',
};

/** Bytes of the primitives that always take the same. */
export const FIXED_SIZE: Partial<Record<Primitive, number>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
};

/** TypeScript type of a field. */
export function typeOf(field: Field): string {
  const base = baseType(field.type);
  return field.nullable === null || base.endsWith('| null') ? base : `${base} | null`;
}

function baseType(type: FieldType): string {
  if (type.kind === 'primitive') return TYPE_OF[type.name];
  if (type.kind === 'struct') return type.struct.typeName;
  return `${baseType(type.element)}[]`;
}

/** TypeScript expression of a field's default. */
export function defaultOf(field: Field): string {
  const text = field.defaultText;
  if (text === 'null') return 'null';
  const { type } = field;
  if (type.kind === 'array') return '[]';
  if (type.kind === 'struct') return `new${type.struct.typeName}()`;
  switch (type.name) {
    case 'bool':
      return text === 'true' ? 'true' : 'false';
    case 'string':
      return text === undefined ? "''" : JSON.stringify(text).replace(/^"(.*)"$/, "'$1'");
    case 'uuid':
      return 'ZERO_UUID';
    case 'bytes':
      return 'EMPTY_BYTES';
    case 'records':
      return 'null';
    case 'int64':
      return `${BigInt(text ?? '0')}n`;
    default:
      return `${Number(text ?? '0')}`;
  }
}

/** TypeScript expression that is true when `value` is not the field's default. */
export function isSet(field: Field, value: string): string {
  const { type } = field;
  if (field.defaultText === 'null' || (type.kind === 'primitive' && type.name === 'records'))
    return `${value} !== null`;
  const mayBeNull = field.nullable !== null;
  if (type.kind === 'array' || (type.kind === 'primitive' && type.name === 'bytes')) {
    return mayBeNull ? `(${value} === null || ${value}.length !== 0)` : `${value}.length !== 0`;
  }
  if (type.kind === 'struct') {
    const differs = `!isDefault${type.struct.typeName}(${value})`;
    return mayBeNull ? `(${value} === null || ${differs})` : differs;
  }
  if (type.name === 'bool') return defaultOf(field) === 'true' ? `!${value}` : value;
  return `${value} !== ${defaultOf(field)}`;
}

/** Structs whose default must be recognised somewhere in the message, and those inside them. */
export function structsComparedToDefault(message: Message): Set<Struct> {
  const wanted = new Set<Struct>();
  const add = (struct: Struct): void => {
    if (wanted.has(struct)) return;
    wanted.add(struct);
    for (const { type, defaultText } of struct.fields) {
      if (type.kind === 'struct' && defaultText !== 'null') add(type.struct);
    }
  };
  for (const struct of message.structs) {
    for (const field of struct.fields) {
      if (field.type.kind !== 'struct' || field.defaultText === 'null') continue;
      const missing =
        field.versions === null ||
        field.versions.low > struct.versions.low ||
        field.versions.high < struct.versions.high;
      if (field.tagged !== null || (missing && !field.ignorable)) add(field.type.struct);
    }
  }
  return wanted;
}

/** The least number of bytes that a value of the type takes in any version; at least 1, so that it bounds array lengths. */
export function leastSize(type: FieldType, message: Message): number {
  if (type.kind === 'array') return 1;
  if (type.kind === 'primitive') return FIXED_SIZE[type.name] ?? (message.flexibleVersions === null ? 2 : 1);
  let least = Number.POSITIVE_INFINITY;
  const { low, high } = type.struct.versions;
  for (let version = low; version <= high; version++) {
    let size = contains(message.flexibleVersions, version) ? 1 : 0;
    for (const field of type.struct.fields) {
      if (!contains(field.versions, version) || contains(field.tagged, version)) continue;
      if (field.type.kind === 'struct') size += contains(field.nullable, version) ? 1 : leastSize(field.type, message);
      else size += leastSize(field.type, message);
    }
    least = Math.min(least, size);
  }
  return Math.max(least, 1);
}
