/**
 * The comparison itself: one schema at one version against Kafka, in both directions.
 */
import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { seededRandom } from '@skarab/base';
import { Reader } from '../../src/wire/reader.ts';
import { Writer } from '../../src/wire/writer.ts';
import type { CodecOracle } from './codec-oracle.ts';
import { defaultStruct } from './defaults.ts';
import { canonicalJson, toJson } from './json-form.ts';
import { randomMessage, withIgnoredFields } from './random-message.ts';
import type { Fields, Subject } from './subjects.ts';

/** How thorough a run is. */
export interface Plan {
  readonly seed: number;
  /** Random messages per version, beside the default one. */
  readonly messages: number;
}

/** Compares every version of a subject; returns how many messages were compared. Errors: rejects at the first difference. */
export async function checkSubject(subject: Subject, oracle: CodecOracle, plan: Plan): Promise<number> {
  const { low, high } = subject.schema.validVersions!;
  const checks: Promise<void>[] = [];
  for (let version = low; version <= high; version++) {
    assert.deepEqual(subject.create(), defaultStruct(subject.schema.structs[0]!));
    checks.push(compare(subject, version, subject.create(), oracle, 'default'));
    for (let i = 0; i < plan.messages; i++) {
      const seed = seedOf(plan.seed, subject.schema.name, version, i);
      checks.push(compareRandom(subject, version, seed, oracle));
    }
  }
  await Promise.all(checks);
  return checks.length;
}

function seedOf(seed: number, name: string, version: number, index: number): number {
  let hash = seed;
  for (const char of `${name}/${version}/${index}`) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}

async function compareRandom(subject: Subject, version: number, seed: number, oracle: CodecOracle): Promise<void> {
  const random = seededRandom(seed);
  const shape = { maxItems: 3, unknownTags: random.int(2) === 0 };
  const message = randomMessage(subject.schema, version, defaultStruct, random, shape);
  const label = `random ${seed}`;
  const withIgnored = withIgnoredFields(subject.schema, version, message, random);
  const bytes = encode(subject, version, message);
  assert.deepEqual(
    encode(subject, version, withIgnored),
    bytes,
    `${subject.schema.name} v${version} ${label}: ignorable fields`,
  );
  await compare(subject, version, message, oracle, label);
}

async function compare(
  subject: Subject,
  version: number,
  message: Fields,
  oracle: CodecOracle,
  label: string,
): Promise<void> {
  const where = `${subject.schema.name} v${version} ${label}`;
  const bytes = encode(subject, version, message);
  assert.equal(subject.size(message, version), bytes.length, `${where}: size`);
  const reader = new Reader(bytes);
  assert.deepEqual(subject.decode(reader, version), message, `${where}: round trip`);
  reader.expectEnd();
  const reading = await oracle.decode(subject.javaClass, version, bytes).catch((cause: unknown) => {
    throw new Error(`${where}: Kafka cannot read our bytes`, { cause });
  });
  assert.equal(reading.bytes.toString('hex'), bytes.toString('hex'), `${where}: bytes of Kafka`);
  assert.equal(
    canonicalJson(reading.json),
    canonicalJson(toJson(subject.schema, version, message, true)),
    `${where}: JSON of Kafka`,
  );
  if (bytesDependOnTags(message)) return;
  const written = await oracle
    .encode(subject.javaClass, version, toJson(subject.schema, version, message, false))
    .catch((cause: unknown) => {
      throw new Error(`${where}: Kafka cannot write the message`, { cause });
    });
  assert.equal(written.toString('hex'), bytes.toString('hex'), `${where}: bytes of Kafka from JSON`);
}

function encode(subject: Subject, version: number, message: Fields): Buffer {
  const writer = new Writer();
  subject.encode(writer, message, version);
  return Buffer.from(writer.toBytes());
}

/** JSON has no unknown tagged fields, so such messages cannot go that way. */
function bytesDependOnTags(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(bytesDependOnTags);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  return 'unknownTaggedFields' in value || Object.values(value).some(bytesDependOnTags);
}
