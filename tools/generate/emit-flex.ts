/**
 * Shared by the emitters of decoders, encoders and sizes: whether a struct is flexible in the versions at hand, and names of array methods.
 */
import type { FieldType, Message } from './schema.ts';
import { type Condition, condition, type Versions } from './versions.ts';

/** Whether lengths are compact and tagged fields follow: decided, or by version. */
export type Flex = Condition;

/** Flexibility of the message within `versions`. */
export function flexOf(message: Message, versions: Versions): Flex {
  return condition(message.flexibleVersions, versions);
}

/** The argument for runtime methods that take `flexible`. */
export function flexArgument(flex: Flex, inline: boolean): string {
  if (flex.kind === 'always') return 'true';
  if (flex.kind === 'never') return 'false';
  return inline ? flex.expression : 'flexible';
}

/** True when the function's body uses the variable `flexible`. */
export function needsFlexVariable(flex: Flex, body: readonly string[]): boolean {
  return flex.kind === 'test' && body.some((line) => /\bflexible\b/.test(line));
}

/** An array type. */
export type ArrayType = Extract<FieldType, { kind: 'array' }>;

/** True for arrays of primitives, which the runtime reads and writes whole. */
export function isPrimitiveArray(type: ArrayType): boolean {
  return type.element.kind === 'primitive';
}

/** 'Int32' for an array of int32, as in `reader.int32Array`. */
export function elementReader(type: ArrayType): string {
  if (type.element.kind !== 'primitive') throw new Error('not an array of primitives');
  const { name } = type.element;
  return name.charAt(0).toUpperCase() + name.slice(1);
}
