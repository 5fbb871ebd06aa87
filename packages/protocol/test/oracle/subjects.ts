/**
 * What the oracle is asked about: every schema with versions, its Java class and our codec.
 */
import type { Message } from '../../../../tools/generate/schema.ts';
import { loadSchemas } from '../../../../tools/generate/sources.ts';
import * as generated from '../../src/generated/index.ts';
import type { Reader } from '../../src/wire/reader.ts';
import type { Writer } from '../../src/wire/writer.ts';

/** A message as a bag of fields, for code that knows it only by its schema. */
export type Fields = Record<string, unknown>;

/** One schema under test. */
export interface Subject {
  readonly schema: Message;
  readonly javaClass: string;
  readonly decode: (reader: Reader, version: number) => Fields;
  readonly encode: (writer: Writer, message: Fields, version: number) => void;
  readonly size: (message: Fields, version: number) => number;
  readonly create: () => Fields;
}

const exported = generated as unknown as Record<string, unknown>;

function functionNamed<F>(name: string): F {
  const found = exported[name];
  if (typeof found !== 'function') throw new Error(`${name} is not exported`);
  return found as F;
}

/** All schemas of the jars in `libs` that have versions. */
export function loadSubjects(libs: string): Subject[] {
  const messages = [...loadSchemas(libs).values()].flat().filter(({ validVersions }) => validVersions !== null);
  return messages.map((schema) => ({
    schema,
    javaClass: ['request', 'response', 'header'].includes(schema.kind) ? `${schema.name}Data` : schema.name,
    decode: functionNamed(`decode${schema.name}`),
    encode: functionNamed(`encode${schema.name}`),
    size: functionNamed(`size${schema.name}`),
    create: functionNamed(`new${schema.name}`),
  }));
}
