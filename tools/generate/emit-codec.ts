/**
 * Pieces of generated tables: a message's codec as a value, version ranges as objects.
 */
import type { Message } from './schema.ts';
import type { Versions } from './versions.ts';

/** Names that a table imports for a message. */
export function codecNames({ name }: Message): string[] {
  return [`decode${name}`, `encode${name}`, `new${name}`, `size${name}`];
}

/** Expression: the message's codec. */
export function codec({ name }: Message): string {
  return `asCodec('${name}', decode${name}, encode${name}, size${name}, new${name})`;
}

/** Expression: the range, or null. */
export function range(versions: Versions | null): string {
  return versions === null ? 'null' : `{ min: ${versions.low}, max: ${versions.high} }`;
}
