/**
 * Default values by schema, computed here independently of the generated makers.
 */

import { ZERO_UUID } from '@skarab/base';
import type { Field, Struct } from '../../../../tools/generate/schema.ts';
import { EMPTY_BYTES } from '../../src/wire/values.ts';
import type { Fields } from './subjects.ts';

/** A struct in which nothing is set. */
export function defaultStruct(struct: Struct): Fields {
  return Object.fromEntries(struct.fields.map((field) => [field.name, defaultValue(field)]));
}

function defaultValue({ type, defaultText }: Field): unknown {
  if (defaultText === 'null') return null;
  if (type.kind === 'array') return [];
  if (type.kind === 'struct') return defaultStruct(type.struct);
  switch (type.name) {
    case 'bool':
      return defaultText === 'true';
    case 'string':
      return defaultText ?? '';
    case 'uuid':
      return ZERO_UUID;
    case 'bytes':
      return EMPTY_BYTES;
    case 'records':
      return null;
    case 'int64':
      return BigInt(defaultText ?? 0);
    default:
      return Number(defaultText ?? 0);
  }
}
