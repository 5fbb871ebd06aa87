/**
 * Sizes in bytes of variable-length values. `flexible`: compact lengths (varint of length + 1) instead of int16 or int32 ones.
 */
import { Buffer } from 'node:buffer';
import type { TaggedField } from './values.ts';

/** Bytes of an unsigned varint of at most 32 bits. */
export function unsignedVarintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** Bytes of a string with its length; null takes the length alone. */
export function stringSize(value: string | null, flexible: boolean): number {
  if (value === null) return flexible ? 1 : 2;
  const size = Buffer.byteLength(value);
  return flexible ? unsignedVarintSize(size + 1) + size : 2 + size;
}

/** Bytes of a bytes or records value with its length. */
export function bytesSize(value: { readonly byteLength: number } | null, flexible: boolean): number {
  if (value === null) return flexible ? 1 : 4;
  const size = value.byteLength;
  return flexible ? unsignedVarintSize(size + 1) + size : 4 + size;
}

/** Bytes of the length of an array. */
export function arrayLengthSize(items: readonly unknown[] | null, flexible: boolean): number {
  return flexible && items !== null ? unsignedVarintSize(items.length + 1) : flexible ? 1 : 4;
}

/** Bytes of an array of elements of one size. */
export function fixedArraySize(items: readonly unknown[] | null, elementSize: number, flexible: boolean): number {
  return arrayLengthSize(items, flexible) + (items === null ? 0 : items.length * elementSize);
}

/** Bytes of an array of strings. */
export function stringArraySize(items: readonly string[] | null, flexible: boolean): number {
  let size = arrayLengthSize(items, flexible);
  if (items !== null) for (const item of items) size += stringSize(item, flexible);
  return size;
}

/** Bytes of one tagged field with its tag and size. */
export function taggedFieldSize(tag: number, size: number): number {
  return unsignedVarintSize(tag) + unsignedVarintSize(size) + size;
}

/** Bytes of the count of tagged fields and of the unknown ones. */
export function taggedSectionSize(knownCount: number, unknown: readonly TaggedField[] | undefined): number {
  if (unknown === undefined) return unsignedVarintSize(knownCount);
  let size = unsignedVarintSize(knownCount + unknown.length);
  for (const { tag, data } of unknown) size += taggedFieldSize(tag, data.length);
  return size;
}
