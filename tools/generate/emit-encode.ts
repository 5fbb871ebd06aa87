/**
 * Generated encoders: one function per struct, fields in wire order, then the tagged fields.
 *
 * A field that the version lacks is dropped when ignorable; otherwise it must have its default.
 */
import { untaggedVersions } from './emit-decode.ts';
import { elementReader, type Flex, flexArgument, flexOf, isPrimitiveArray, needsFlexVariable } from './emit-flex.ts';
import { taggedSize } from './emit-size.ts';
import type { Field, Message, Struct } from './schema.ts';
import { isSet } from './types.ts';
import { condition, intersect, type Versions } from './versions.ts';

/** Encoder of one struct. */
export function emitEncoder(struct: Struct, message: Message): string {
  const top = struct === message.structs[0];
  const flex = flexOf(message, struct.versions);
  const { low, high } = struct.versions;
  const name = struct.typeName;
  const body: string[] = [];
  for (const field of struct.fields) body.push(...writeField(field, struct, message, flex));
  if (flex.kind !== 'never') body.push(...writeTagged(struct, message, flex));
  const head: string[] = [];
  if (top) head.push(`  if (version < ${low} || version > ${high}) throw unsupportedVersion('${name}', version);`);
  if (needsFlexVariable(flex, body)) head.push(`  const flexible = ${(flex as { expression: string }).expression};`);
  const parameter = (word: string): string =>
    [...head, ...body].some((line) => new RegExp(`\\b${word}\\b`).test(line)) ? word : `_${word}`;
  return [
    ...(top ? [`/** Writes a ${name} at the given version. */`] : []),
    `${top ? 'export ' : ''}function encode${name}(${parameter('writer')}: Writer, ${parameter('message')}: ${name}, ${parameter('version')}: number): void {`,
    ...head,
    ...body,
    '}',
  ].join('\n');
}

/** Encoder of arrays of the struct, if the message has such. */
export function emitArrayEncoder(struct: Struct, message: Message): string[] {
  const uses = message.structs.flatMap((parent) =>
    parent.fields.filter(
      (f) => f.type.kind === 'array' && f.type.element.kind === 'struct' && f.type.element.struct === struct,
    ),
  );
  if (uses.length === 0) return [];
  const flex = flexArgument(flexOf(message, struct.versions), true);
  const name = struct.typeName;
  const code = [
    [
      `function encode${name}Array(writer: Writer, items: readonly ${name}[], version: number): void {`,
      `  writer.arrayLength(items.length, ${flex});`,
      `  for (const item of items) encode${name}(writer, item, version);`,
      '}',
    ].join('\n'),
  ];
  if (uses.some((field) => field.nullable !== null)) {
    code.push(
      [
        `function encodeNullable${name}Array(writer: Writer, items: readonly ${name}[] | null, version: number): void {`,
        `  if (items === null) writer.nullLength(${flex});`,
        `  else encode${name}Array(writer, items, version);`,
        '}',
      ].join('\n'),
    );
  }
  return code;
}

function writeField(field: Field, struct: Struct, message: Message, flex: Flex): string[] {
  const untagged = untaggedVersions(field);
  const lines: string[] = [];
  const test = condition(untagged, struct.versions);
  if (test.kind !== 'never') {
    const write = writeValue(field, untagged!, message, field.flexible ? flex : { kind: 'never' });
    if (test.kind === 'always') lines.push(...write.map((line) => `  ${line}`));
    else if (write.length === 1) lines.push(`  if (${test.expression}) ${write[0]}`);
    else lines.push(`  if (${test.expression}) {`, ...write.map((line) => `    ${line}`), '  }');
  }
  if (!field.ignorable) lines.push(...refuseWhereAbsent(field, struct, message));
  return lines;
}

function refuseWhereAbsent(field: Field, struct: Struct, message: Message): string[] {
  const present = condition(field.versions, struct.versions);
  if (present.kind === 'always') return [];
  const refuse = `throw unwritableField('${path(field, struct, message)}', version);`;
  const set = isSet(field, `message.${field.name}`);
  if (present.kind === 'never') return [`  if (${set}) ${refuse}`];
  return [`  if (!(${present.expression}) && ${set}) ${refuse}`];
}

function path(field: Field, struct: Struct, message: Message): string {
  return struct === message.structs[0]
    ? `${message.name}.${field.name}`
    : `${message.name} ${struct.kafkaName}.${field.name}`;
}

function writeValue(field: Field, known: Versions, message: Message, structFlex: Flex, inTag = false): string[] {
  const value = `message.${field.name}`;
  const flex = flexArgument(structFlex, false);
  const { type } = field;
  if (type.kind === 'primitive' && !['string', 'bytes', 'records'].includes(type.name))
    return [`writer.${type.name}(${value});`];
  const nullTest = condition(field.nullable, known);
  if (type.kind === 'struct') {
    const name = type.struct.typeName;
    if (nullTest.kind === 'never') return [`encode${name}(writer, ${value}, version);`];
    if (nullTest.kind === 'test') throw new Error(`${message.name}: ${field.name} is nullable in some versions only`);
    return [
      inTag ? `writer.unsignedVarint(${value} !== null ? 1 : 0);` : `writer.int8(${value} !== null ? 1 : -1);`,
      `if (${value} !== null) encode${name}(writer, ${value}, version);`,
    ];
  }
  const mayBeNull = field.nullable !== null || (type.kind === 'primitive' && type.name === 'records');
  const required = mayBeNull ? `notNull(${value}, '${message.name} ${field.name}', version)` : value;
  let plain: string;
  let nullable: string;
  if (type.kind === 'array' && !isPrimitiveArray(type)) {
    const name = (type.element as { struct: Struct }).struct.typeName;
    plain = `encode${name}Array(writer, ${required}, version);`;
    nullable = `encodeNullable${name}Array(writer, ${value}, version);`;
  } else {
    const method =
      type.kind === 'array' ? `${elementReader(type)}Array` : type.name.charAt(0).toUpperCase() + type.name.slice(1);
    plain = `writer.${method.charAt(0).toLowerCase()}${method.slice(1)}(${required}, ${flex});`;
    nullable = `writer.nullable${method}(${value}, ${flex});`;
  }
  if (nullTest.kind === 'always') return [nullable];
  if (nullTest.kind === 'never') return [plain];
  return [`if (${nullTest.expression}) ${nullable}`, `else ${plain}`];
}

function writeTagged(struct: Struct, message: Message, flex: Flex): string[] {
  const known = struct.fields.filter((field) => field.tagged !== null).sort((a, b) => a.tag! - b.tag!);
  const inner: string[] = [];
  if (known.length === 0) inner.push('writer.unknownTaggedFieldsOnly(message.unknownTaggedFields);');
  else {
    const flexibleRange = intersect(message.flexibleVersions, struct.versions)!;
    inner.push(
      'const unknown = message.unknownTaggedFields;',
      'let count = unknown === undefined ? 0 : unknown.length;',
    );
    for (const field of known) {
      const test = condition(field.tagged, flexibleRange);
      const set = isSet(field, `message.${field.name}`);
      inner.push(`const has${upper(field.name)} = ${test.kind === 'test' ? `${test.expression} && ${set}` : set};`);
      inner.push(`if (has${upper(field.name)}) count++;`);
    }
    inner.push('writer.unsignedVarint(count);', 'let next = 0;');
    for (const field of known) {
      inner.push(
        `if (has${upper(field.name)}) {`,
        `  next = writer.unknownTaggedFields(unknown, next, ${field.tag});`,
        `  writer.unsignedVarint(${field.tag});`,
        `  writer.unsignedVarint(${taggedSize(field)});`,
        ...writeValue(field, field.tagged!, message, { kind: 'always' }, true).map((line) => `  ${line}`),
        '}',
      );
    }
    inner.push('writer.unknownTaggedFields(unknown, next, NO_TAG);');
  }
  if (flex.kind === 'always') return inner.map((line) => `  ${line}`);
  return [
    '  if (flexible) {',
    ...inner.map((line) => `    ${line}`),
    '  } else if (message.unknownTaggedFields !== undefined) {',
    `    throw taggedFieldsUnsupported('${struct.typeName}', version);`,
    '  }',
  ];
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
