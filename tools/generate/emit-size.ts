/**
 * Generated size functions: the exact number of bytes a struct takes at a version, records payloads included.
 */
import { untaggedVersions } from './emit-decode.ts';
import { type Flex, flexArgument, flexOf, needsFlexVariable } from './emit-flex.ts';
import type { Field, Message, Struct } from './schema.ts';
import { FIXED_SIZE, isSet } from './types.ts';
import { condition, intersect } from './versions.ts';

/** Size function of one struct. */
export function emitSize(struct: Struct, message: Message): string {
  const top = struct === message.structs[0];
  const flex = flexOf(message, struct.versions);
  const name = struct.typeName;
  let fixed = 0;
  const body: string[] = [];
  for (const field of struct.fields) {
    const test = condition(untaggedVersions(field), struct.versions);
    if (test.kind === 'never') continue;
    const size = sizeOf(field, field.flexible ? flex : { kind: 'never' });
    if (test.kind === 'test') body.push(`  if (${test.expression}) size += ${size};`);
    else if (/^\d+$/.test(size)) fixed += Number(size);
    else body.push(`  size += ${size};`);
  }
  if (flex.kind !== 'never') body.push(...sizeTagged(struct, message, flex));
  const constant = body.length === 0;
  const head: string[] = [];
  const { low, high } = struct.versions;
  if (top) head.push(`  if (version < ${low} || version > ${high}) throw unsupportedVersion('${name}', version);`);
  if (needsFlexVariable(flex, body)) head.push(`  const flexible = ${(flex as { expression: string }).expression};`);
  const parameter = (word: string): string =>
    [...head, ...body].some((line) => new RegExp(`\\b${word}\\b`).test(line)) ? word : `_${word}`;
  return [
    ...(top ? [`/** Exact size in bytes of a ${name} at the given version. */`] : []),
    `${top ? 'export ' : ''}function size${name}(${parameter('message')}: ${name}, ${parameter('version')}: number): number {`,
    ...head,
    ...(constant ? [`  return ${fixed};`] : [`  let size = ${fixed};`, ...body, '  return size;']),
    '}',
  ].join('\n');
}

/** Size function of arrays of the struct, if the message has such. */
export function emitArraySize(struct: Struct, message: Message): string[] {
  const used = message.structs.some((parent) =>
    parent.fields.some(
      (f) => f.type.kind === 'array' && f.type.element.kind === 'struct' && f.type.element.struct === struct,
    ),
  );
  if (!used) return [];
  const flex = flexArgument(flexOf(message, struct.versions), true);
  const name = struct.typeName;
  return [
    [
      `function size${name}Array(items: readonly ${name}[] | null, version: number): number {`,
      `  let size = arrayLengthSize(items, ${flex});`,
      `  if (items !== null) for (const item of items) size += size${name}(item, version);`,
      '  return size;',
      '}',
    ].join('\n'),
  ];
}

/** Expression: bytes of a field's value in a tagged field. */
export function taggedSize(field: Field): string {
  return sizeOf(field, { kind: 'always' });
}

function sizeOf(field: Field, structFlex: Flex): string {
  const value = `message.${field.name}`;
  const flex = flexArgument(structFlex, false);
  const { type } = field;
  if (type.kind === 'struct') {
    const size = `size${type.struct.typeName}(${value}, version)`;
    return field.nullable === null ? size : `(${value} === null ? 1 : 1 + ${size})`;
  }
  if (type.kind === 'array') {
    if (type.element.kind === 'struct') return `size${type.element.struct.typeName}Array(${value}, version)`;
    const { name } = type.element;
    const fixed = FIXED_SIZE[name];
    if (fixed !== undefined) return `fixedArraySize(${value}, ${fixed}, ${flex})`;
    if (name === 'string') return `stringArraySize(${value}, ${flex})`;
    throw new Error(`no size for arrays of ${name}`);
  }
  const fixed = FIXED_SIZE[type.name];
  if (fixed !== undefined) return `${fixed}`;
  return type.name === 'string' ? `stringSize(${value}, ${flex})` : `bytesSize(${value}, ${flex})`;
}

function sizeTagged(struct: Struct, message: Message, flex: Flex): string[] {
  const known = struct.fields.filter((field) => field.tagged !== null).sort((a, b) => a.tag! - b.tag!);
  const inner: string[] = [];
  if (known.length === 0) inner.push('size += taggedSectionSize(0, message.unknownTaggedFields);');
  else {
    const flexibleRange = intersect(message.flexibleVersions, struct.versions)!;
    inner.push('let count = 0;');
    for (const field of known) {
      const test = condition(field.tagged, flexibleRange);
      const set = isSet(field, `message.${field.name}`);
      inner.push(
        `if (${test.kind === 'test' ? `${test.expression} && ${set}` : set}) {`,
        '  count++;',
        `  size += taggedFieldSize(${field.tag}, ${taggedSize(field)});`,
        '}',
      );
    }
    inner.push('size += taggedSectionSize(count, message.unknownTaggedFields);');
  }
  if (flex.kind === 'always') return inner.map((line) => `  ${line}`);
  return ['  if (flexible) {', ...inner.map((line) => `    ${line}`), '  }'];
}
