/**
 * Random messages by schema: boundary numbers, empty and null values, long and non-ASCII strings, unknown tagged fields.
 *
 * Fields that the version lacks keep their default, so that a message equals itself after a round trip.
 */
import type { Random } from '@skarab/base';
import { uuidFromBytes } from '@skarab/base';
import type { Field, FieldType, Message, Primitive, Struct } from '../../../../tools/generate/schema.ts';
import { contains } from '../../../../tools/generate/versions.ts';
import type { TaggedField } from '../../src/wire/values.ts';
import type { Fields } from './subjects.ts';

/** How big random messages may become, and whether they may have unknown tagged fields. */
export interface Shape {
  readonly maxItems: number;
  readonly unknownTags: boolean;
  /** Short strings and bytes, no nulls, no empty arrays, no defaults: every field shows. */
  readonly small?: boolean;
}

const STRINGS = [
  '',
  'a',
  'topic-1',
  'größe',
  '漢字かな',
  '🪲 skarab',
  '\u0000\u007f\u0080\u07ff\u0800\uffff',
  'x'.repeat(41),
  'é'.repeat(64),
];

const RANGES: Partial<Record<Primitive, readonly [number, number]>> = {
  int8: [-0x80, 0x7f],
  int16: [-0x8000, 0x7fff],
  uint16: [0, 0xffff],
  int32: [-0x80000000, 0x7fffffff],
  uint32: [0, 0xffffffff],
};

/** Values of a message that its schema gives when nothing is set. */
export type MakeDefault = (struct: Struct) => Fields;

/** A random message of one version. */
export function randomMessage(
  schema: Message,
  version: number,
  defaults: MakeDefault,
  random: Random,
  shape: Shape,
): Fields {
  const { small = false } = shape;
  const struct = (of: Struct, depth: number): Fields => {
    const message = defaults(of);
    for (const field of of.fields) {
      if (contains(field.versions, version)) message[field.name] = value(field, depth);
    }
    if (shape.unknownTags && contains(schema.flexibleVersions, version) && random.int(3) === 0) {
      message['unknownTaggedFields'] = randomTags(of, random);
    }
    return message;
  };
  const value = (field: Field, depth: number): unknown => {
    if (contains(field.nullable, version) && !small && random.int(4) === 0) return null;
    if (field.tagged !== null && !small && random.int(3) === 0)
      return defaults({ ...NO_STRUCT, fields: [field] })[field.name];
    return typed(field.type, depth);
  };
  const typed = (type: FieldType, depth: number): unknown => {
    if (type.kind === 'primitive')
      return small ? smallPrimitive(type.name, random) : randomPrimitive(type.name, random);
    if (type.kind === 'struct') return struct(type.struct, depth);
    const length = small ? shape.maxItems : random.int(depth > 2 ? 2 : shape.maxItems + 1);
    return Array.from({ length }, () => typed(type.element, depth + 1));
  };
  return struct(schema.structs[0]!, 0);
}

const NO_STRUCT: Struct = { kafkaName: '', typeName: '', versions: { low: 0, high: 0 }, fields: [] };

function smallPrimitive(type: Primitive, random: Random): unknown {
  if (type === 'string') return ['a', 'bc', 'é'][random.int(3)];
  if (type === 'bytes' || type === 'records') return random.bytes(1 + random.int(3));
  if (type === 'uuid') return uuidFromBytes(random.bytes(16));
  return randomPrimitive(type, random);
}

function randomPrimitive(type: Primitive, random: Random): unknown {
  switch (type) {
    case 'bool':
      return random.int(2) === 1;
    case 'int64':
      return randomInt64(random);
    case 'float64':
      return [0, 0.5, -1.25, 1e300, 5e-324, Number.MAX_VALUE, random.next()][random.int(7)];
    case 'string':
      return random.int(200) === 0 ? 'ü'.repeat(0x3fff) : STRINGS[random.int(STRINGS.length)];
    case 'uuid':
      return uuidFromBytes(random.int(4) === 0 ? new Uint8Array(16) : random.bytes(16));
    case 'bytes':
    case 'records':
      return random.bytes([0, 1, 7, 126, 127, 128, 300][random.int(7)]!);
    default:
      return randomInteger(RANGES[type]!, random);
  }
}

function randomInteger([low, high]: readonly [number, number], random: Random): number {
  const special = [low, high, 0, 1, Math.max(low, -1)];
  const choice = random.int(special.length + 3);
  return special[choice] ?? low + random.int(high - low + 1);
}

function randomInt64(random: Random): bigint {
  const special = [
    0n,
    1n,
    -1n,
    -2n,
    0x7fffffffffffffffn,
    -0x8000000000000000n,
    0xffffffffn,
    0x100000000n,
    -0x100000000n,
  ];
  const choice = random.int(special.length + 4);
  return special[choice] ?? BigInt.asIntN(64, (BigInt(random.int(2 ** 32)) << 32n) | BigInt(random.int(2 ** 32)));
}

function randomTags(struct: Struct, random: Random): TaggedField[] {
  const known = new Set(struct.fields.map(({ tag }) => tag));
  const tags = [0, 1, 2, 3, 9, 127, 128, 16384, 0x7ffffffe].filter((tag) => !known.has(tag) && random.int(3) === 0);
  if (tags.length === 0) tags.push(100);
  return tags.map((tag) => ({ tag, data: random.bytes(random.int(20)) }));
}

/** A copy in which fields that the version lacks and that may be dropped are set at random. */
export function withIgnoredFields(schema: Message, version: number, message: Fields, random: Random): Fields {
  const copy = (struct: Struct, from: Fields): Fields => {
    const to: Fields = { ...from };
    for (const field of struct.fields) {
      if (contains(field.versions, version)) to[field.name] = copyValue(field.type, from[field.name]);
      else if (field.ignorable && field.type.kind === 'primitive')
        to[field.name] = randomPrimitive(field.type.name, random);
    }
    return to;
  };
  const copyValue = (type: FieldType, value: unknown): unknown => {
    if (value === null) return null;
    if (type.kind === 'struct') return copy(type.struct, value as Fields);
    if (type.kind === 'array') return (value as unknown[]).map((item) => copyValue(type.element, item));
    return value;
  };
  return copy(schema.structs[0]!, message);
}
