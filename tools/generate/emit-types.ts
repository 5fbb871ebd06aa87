/**
 * Generated interfaces, `newX` makers and `isDefaultX` tests.
 */
import { flexOf } from './emit-flex.ts';
import type { Message, Struct } from './schema.ts';
import { defaultOf, isSet, structsComparedToDefault, typeOf } from './types.ts';

/** Interface and maker of one struct. */
export function emitInterface(struct: Struct, message: Message): string {
  const lines = [
    `/** ${struct === message.structs[0] ? `${struct.typeName}.` : `\`${struct.kafkaName}\` of ${message.name}.`} */`,
  ];
  lines.push(`export interface ${struct.typeName} {`);
  for (const field of struct.fields) lines.push(`  ${field.name}: ${typeOf(field)};`);
  if (flexOf(message, struct.versions).kind !== 'never') lines.push('  unknownTaggedFields?: TaggedField[];');
  lines.push('}', '');
  lines.push(`/** A ${struct.typeName} of defaults, except for the given fields. */`);
  lines.push(`export function new${struct.typeName}(fields?: Partial<${struct.typeName}>): ${struct.typeName} {`);
  if (struct.fields.length === 0) lines.push(`  return { ...fields };`);
  else {
    lines.push(`  return {`);
    for (const field of struct.fields) lines.push(`    ${field.name}: ${defaultOf(field)},`);
    lines.push('    ...fields,', '  };');
  }
  lines.push('}');
  return lines.join('\n');
}

/** Tests of structs that are compared with their default when a message is written. */
export function emitDefaultTests(message: Message): string[] {
  return [...structsComparedToDefault(message)].map((struct) => {
    const tests = struct.fields.map((field) => `(${isSet(field, `message.${field.name}`)})`);
    if (flexOf(message, struct.versions).kind !== 'never') tests.push('message.unknownTaggedFields !== undefined');
    return [
      `function isDefault${struct.typeName}(message: ${struct.typeName}): boolean {`,
      `  return !(${tests.join(' || ')});`,
      '}',
    ].join('\n');
  });
}
