/**
 * What must hold for any bytes: they are a message that can be written again, or they are refused with a typed error, soon.
 */
import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import { ProtocolError } from '../../src/wire/errors.ts';
import { Reader } from '../../src/wire/reader.ts';
import { Writer } from '../../src/wire/writer.ts';
import type { NamedCodec } from './corpus.ts';

const MAX_MS = 250;

/** Decodes; returns whether the bytes were a message. Errors: throws when a promise of the codec is broken. */
export function checkInput(codec: NamedCodec, version: number, bytes: Uint8Array): boolean {
  const reader = new Reader(bytes);
  const start = performance.now();
  let message: object;
  try {
    message = codec.decode(reader, version);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return false;
  } finally {
    const elapsed = performance.now() - start;
    assert.ok(elapsed < MAX_MS, `took ${elapsed} ms`);
  }
  assert.ok(reader.position <= reader.end, 'read past the end');
  checkRoundTrip(codec, version, message);
  return true;
}

/** Writes a decoded message and reads it again. */
function checkRoundTrip(codec: NamedCodec, version: number, message: object): void {
  const writer = new Writer();
  codec.encode(writer, message, version);
  assert.equal(writer.size, codec.size(message, version), 'size');
  const again = new Reader(Buffer.from(writer.toBytes()));
  assert.deepEqual(codec.decode(again, version), message);
  again.expectEnd();
}
