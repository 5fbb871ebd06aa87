/**
 * A principal as bytes, for a broker that passes a request on and tells the controller whose it is.
 *
 * Shape: two bytes of version, then DefaultPrincipalData. Source: KIP-590, DefaultKafkaPrincipalBuilder.
 */
import { decodeDefaultPrincipalData, encodeDefaultPrincipalData, Reader, Writer } from '@skarab/protocol';
import type { Principal } from './principal.ts';

const VERSION = 0;

/** A principal as bytes. */
export function encodePrincipal({ type, name, isTokenAuthenticated }: Principal): Uint8Array {
  const writer = new Writer();
  writer.int16(VERSION);
  encodeDefaultPrincipalData(writer, { type, name, tokenAuthenticated: isTokenAuthenticated === true }, VERSION);
  return Buffer.concat(writer.chunks() as Uint8Array[]);
}

/** Reads what `encodePrincipal` wrote. Errors: ProtocolError or ApiError for bytes that are no principal. */
export function decodePrincipal(bytes: Uint8Array): Principal {
  const reader = new Reader(bytes);
  const { type, name, tokenAuthenticated } = decodeDefaultPrincipalData(reader, reader.int16());
  reader.expectEnd();
  return { type, name, ...(tokenAuthenticated && { isTokenAuthenticated: true }) };
}
