/**
 * The order in which Java's HashSet prints strings, for error messages that print such a set.
 *
 * Source: java.util.HashMap: buckets by the spread hash, insertion order within one.
 */
import { listToText } from './java-text.ts';

/** `[a, b]` as a HashSet prints; `sizedFor` is the number of elements it was created for, 0 when it grew. */
export function hashSetToText(names: Iterable<string>, sizedFor = 0): string {
  const distinct = [...new Set(names)];
  const smallest = Math.max(Math.trunc(sizedFor / 0.75) + 1, Math.ceil(distinct.length / 0.75), 16);
  const capacity = 2 ** Math.ceil(Math.log2(smallest));
  const bucket = (name: string): number => spreadHash(name) & (capacity - 1);
  return listToText(distinct.sort((a, b) => bucket(a) - bucket(b)));
}

function spreadHash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(31, hash) + text.charCodeAt(i)) | 0;
  return hash ^ (hash >>> 16);
}
