/**
 * Generated decoders: one function per struct, an object literal whose fields are read in wire order, then the tagged fields.
 */
import { elementReader, type Flex, flexArgument, flexOf, isPrimitiveArray, needsFlexVariable } from './emit-flex.ts';
import type { Field, Message, Struct } from './schema.ts';
import { defaultOf, leastSize } from './types.ts';
import { type Condition, condition, intersect, type Versions } from './versions.ts';

/** Decoder of one struct. */
export function emitDecoder(struct: Struct, message: Message): string {
  const top = struct === message.structs[0];
  const flex = flexOf(message, struct.versions);
  const body: string[] = [];
  const literal = struct.fields.map((field) => `    ${field.name}: ${readOrDefault(field, struct, flex)},`);
  const tagged = flex.kind !== 'never';
  if (tagged) {
    body.push(
      ...(literal.length === 0
        ? [`  const message: ${struct.typeName} = {};`]
        : [`  const message: ${struct.typeName} = {`, ...literal, '  };']),
    );
    body.push(...readTagged(struct, message, flex), '  return message;');
  } else {
    body.push(...(literal.length === 0 ? ['  return {};'] : ['  return {', ...literal, '  };']));
  }
  const lines = [
    `${top ? `/** Reads a ${struct.typeName} of the given version. */\n` : ''}${top ? 'export ' : ''}function decode${struct.typeName}(reader: Reader, version: number): ${struct.typeName} {`,
  ];
  const { low, high } = struct.versions;
  if (top)
    lines.push(`  if (version < ${low} || version > ${high}) throw unsupportedVersion('${struct.typeName}', version);`);
  if (needsFlexVariable(flex, body)) lines.push(`  const flexible = ${(flex as { expression: string }).expression};`);
  lines.push(...body, '}');
  const text = lines.join('\n');
  const parameters = [/\breader\b/, /\bversion\b/].map((word) => word.test(lines.slice(1).join('\n')));
  return text
    .replace('(reader: Reader,', parameters[0] ? '(reader: Reader,' : '(_reader: Reader,')
    .replace('version: number)', parameters[1] ? 'version: number)' : '_version: number)');
}

/** Decoders of arrays of the struct, as far as the message has such. */
export function emitArrayDecoders(struct: Struct, message: Message): string[] {
  const uses = message.structs.flatMap((parent) =>
    parent.fields.filter(
      (f) => f.type.kind === 'array' && f.type.element.kind === 'struct' && f.type.element.struct === struct,
    ),
  );
  if (uses.length === 0) return [];
  const flex = flexArgument(flexOf(message, struct.versions), true);
  const name = struct.typeName;
  const length = `(${flex}, ${leastSize({ kind: 'struct', struct }, message)})`;
  const loop = [
    `  const items = new Array<${name}>(length);`,
    `  for (let i = 0; i < length; i++) items[i] = decode${name}(reader, version);`,
    '  return items;',
    '}',
  ];
  const code: string[] = [];
  if (uses.some((field) => field.nullable === null || readsNonNull(field))) {
    code.push(
      [
        `function decode${name}Array(reader: Reader, version: number): ${name}[] {`,
        `  const length = reader.arrayLength${length};`,
        ...loop,
      ].join('\n'),
    );
  }
  if (uses.some((field) => field.nullable !== null)) {
    code.push(
      [
        `function decodeNullable${name}Array(reader: Reader, version: number): ${name}[] | null {`,
        `  const length = reader.nullableArrayLength${length};`,
        '  if (length < 0) return null;',
        ...loop,
      ].join('\n'),
    );
  }
  return code;
}

function readsNonNull(field: Field): boolean {
  return field.nullable!.low > field.versions!.low || field.nullable!.high < field.versions!.high;
}

function choose(test: Condition, yes: string, no: string): string {
  if (test.kind === 'always') return yes;
  if (test.kind === 'never') return no;
  return `${test.expression} ? ${yes} : ${no}`;
}

function readOrDefault(field: Field, struct: Struct, flex: Flex): string {
  const untagged = untaggedVersions(field);
  const test = condition(untagged, struct.versions);
  if (test.kind === 'never') return defaultOf(field);
  return choose(test, readValue(field, untagged!, flex), defaultOf(field));
}

/** Versions in which the field stands in line, not in the tagged section. */
export function untaggedVersions(field: Field): Versions | null {
  if (field.tagged === null || field.versions === null) return field.versions;
  if (field.tagged.low > field.versions.low) return { low: field.versions.low, high: field.tagged.low - 1 };
  return null;
}

function readValue(field: Field, known: Versions, structFlex: Flex, inTag = false): string {
  const flex = flexArgument(field.flexible ? structFlex : { kind: 'never' }, false);
  const nullTest = condition(field.nullable, known);
  const wrap = (yes: string, no: string): string =>
    nullTest.kind === 'test' ? `(${choose(nullTest, yes, no)})` : choose(nullTest, yes, no);
  const { type } = field;
  if (type.kind === 'struct') {
    const read = `decode${type.struct.typeName}(reader, version)`;
    // In front of a nullable struct stands an int8, negative for null; in a tagged field a varint, 0 for null.
    const present = inTag ? 'reader.unsignedVarint() > 0' : 'reader.int8() >= 0';
    return wrap(`${present} ? ${read} : null`, read);
  }
  if (type.kind === 'array') {
    if (isPrimitiveArray(type)) {
      const reader = elementReader(type);
      return wrap(`reader.nullable${reader}Array(${flex})`, `reader.${lower(reader)}Array(${flex})`);
    }
    const name = (type.element as { struct: Struct }).struct.typeName;
    return wrap(`decodeNullable${name}Array(reader, version)`, `decode${name}Array(reader, version)`);
  }
  switch (type.name) {
    case 'string':
      return wrap(`reader.nullableString(${flex})`, `reader.string(${flex})`);
    case 'bytes':
      return wrap(`reader.nullableBytes(${flex})`, `reader.bytes(${flex})`);
    case 'records':
      return wrap(`reader.nullableBytes(${flex})`, `reader.bytes(${flex})`);
    default:
      return `reader.${type.name}()`;
  }
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function readTagged(struct: Struct, message: Message, flex: Flex): string[] {
  const known = struct.fields.filter((field) => field.tagged !== null);
  const indent = flex.kind === 'always' ? '  ' : '    ';
  const inner: string[] = [];
  if (known.length === 0) {
    inner.push(
      `const unknown = reader.unknownTaggedFields();`,
      `if (unknown !== undefined) message.unknownTaggedFields = unknown;`,
    );
  } else {
    inner.push(
      'const count = reader.taggedFieldCount();',
      'for (let i = 0; i < count; i++) {',
      '  const tag = reader.unsignedVarint();',
      '  const end = reader.taggedFieldEnd();',
      '  switch (tag) {',
    );
    const flexibleRange = intersect(message.flexibleVersions, struct.versions)!;
    for (const field of known) {
      const test = condition(field.tagged, flexibleRange);
      const read = `message.${field.name} = ${readValue(field, field.tagged!, { kind: 'always' }, true)};`;
      inner.push(`    case ${field.tag}:`);
      if (test.kind === 'test') {
        inner.push(
          `      if (!(${test.expression})) throw unknownTag('${struct.typeName}', tag, version, reader.position);`,
          `      ${read}`,
        );
      } else inner.push(`      ${read}`);
      inner.push('      break;');
    }
    inner.push(
      '    default:',
      '      message.unknownTaggedFields = reader.unknownTaggedField(message.unknownTaggedFields, tag, end);',
      '  }',
      '  reader.endTaggedField(end);',
      '}',
    );
  }
  const lines = inner.map((line) => `${indent}${line}`);
  return flex.kind === 'always' ? lines : ['  if (flexible) {', ...lines, '  }'];
}
