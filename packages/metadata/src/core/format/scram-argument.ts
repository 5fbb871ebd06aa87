/**
 * Arguments such as `SCRAM-SHA-256=[name=alice,iterations=8192,salt="N3E=",password=secret]`: credentials a cluster begins with.
 *
 * Source: org.apache.kafka.metadata.storage.ScramParser; KIP-900.
 */
import { Buffer } from 'node:buffer';
import { StateError } from '@skarab/base';
import { ScramMechanismId } from '../image/scram-image.ts';

/** What an argument says. */
export interface ScramArgument {
  /** One of `ScramMechanismId`. */
  readonly mechanism: number;
  readonly name: string;
  /** Null for a random one. */
  readonly salt: Uint8Array | null;
  readonly iterations: number;
  readonly secret: { readonly password: string } | { readonly saltedPassword: Uint8Array };
}

const MECHANISMS: Readonly<Record<string, number>> = {
  'SCRAM-SHA-256': ScramMechanismId.SCRAM_SHA_256,
  'SCRAM-SHA-512': ScramMechanismId.SCRAM_SHA_512,
};
const MIN_ITERATIONS = 4096;
const MAX_ITERATIONS = 16384;

/** Errors: `StateError` with Kafka's text. */
export function parseScramArgument(argument: string): ScramArgument {
  const input = argument.trim();
  const equals = input.indexOf('=');
  if (equals < 0) throw new StateError(`Failed to find equals sign in SCRAM argument '${input}'`);
  const mechanismName = input.slice(0, equals);
  const mechanism = MECHANISMS[mechanismName];
  if (mechanism === undefined) throw new StateError(`The add-scram mechanism ${mechanismName} is not supported.`);
  const text = input.slice(equals + 1);
  if (!text.startsWith('[')) throw new StateError('Expected configuration string to start with [');
  if (!text.endsWith(']')) throw new StateError('Expected configuration string to end with ]');
  const components = new Map(text.slice(1, -1).split(',').map(splitComponent));
  const { name, salt, iterations, password, saltedpassword, ...unknown } = Object.fromEntries(components);
  if (name === undefined) throw new StateError("You must supply 'name' to add-scram");
  const saltBytes = salt === undefined ? null : decodeBase64(salt, 'salt');
  const count = iterations === undefined ? MIN_ITERATIONS : parseIterations(iterations);
  const secret = secretOf(password, saltedpassword, saltBytes);
  const unknownNames = Object.keys(unknown).sort();
  if (unknownNames.length > 0) throw new StateError(`Unknown SCRAM configurations: ${unknownNames.join(', ')}`);
  const range = (word: string, bound: number): string =>
    `The 'iterations' value must be ${word} ${bound} for add-scram using ${mechanismName.replaceAll('-', '_')}`;
  if (count < MIN_ITERATIONS) throw new StateError(range('>=', MIN_ITERATIONS));
  if (count > MAX_ITERATIONS) throw new StateError(range('<=', MAX_ITERATIONS));
  return { mechanism, name, salt: saltBytes, iterations: count, secret };
}

function secretOf(
  password: string | undefined,
  saltedPassword: string | undefined,
  salt: Uint8Array | null,
): ScramArgument['secret'] {
  if (password !== undefined) return { password };
  if (saltedPassword === undefined) {
    throw new StateError("You must supply one of 'password' or 'saltedpassword' to add-scram");
  }
  if (salt === null) throw new StateError("You must supply 'salt' with 'saltedpassword' to add-scram");
  return { saltedPassword: decodeBase64(saltedPassword, 'saltedPassword') };
}

function splitComponent(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 0) throw new StateError(`No equals sign found in SCRAM component: ${text}`);
  const value = text.slice(equals + 1);
  const isQuoted = value.length >= 2 && value.startsWith('"') && value.endsWith('"');
  return [text.slice(0, equals), isQuoted ? value.slice(1, -1) : value];
}

function parseIterations(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw new StateError(`Failed to parse iterations count: ${text}`);
  return Number(text);
}

function decodeBase64(text: string, what: string): Uint8Array {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text)) {
    throw new StateError(`Failed to decode given ${what}: ${text}`);
  }
  return new Uint8Array(Buffer.from(text, 'base64'));
}
