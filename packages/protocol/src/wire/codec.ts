/**
 * Codecs as values, for code that handles messages whose type is only known at run time.
 */
import type { VersionRange } from './api-info.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** Functions of one message. `encode` and `size` trust that the object is the codec's own message. */
export interface MessageCodec {
  readonly name: string;
  decode(reader: Reader, version: number): object;
  encode(writer: Writer, message: object, version: number): void;
  size(message: object, version: number): number;
  /** A message of defaults. */
  create(): object;
}

/** Codecs of one API. */
export interface ApiCodec {
  readonly request: MessageCodec;
  readonly response: MessageCodec;
}

/** A coordinator's record type: the key's and the value's codec. */
export interface CoordinatorRecordCodec {
  readonly type: number;
  readonly name: string;
  readonly key: MessageCodec;
  readonly keyVersions: VersionRange;
  readonly value: MessageCodec;
  readonly valueVersions: VersionRange;
}

/** A record type of a log without keys, such as the metadata log's. */
export interface TypedRecordCodec {
  readonly type: number;
  readonly name: string;
  readonly versions: VersionRange;
  readonly codec: MessageCodec;
}

/** Forgets the message's type: the one place where that happens. */
export function asCodec<M extends object>(
  name: string,
  decode: (reader: Reader, version: number) => M,
  encode: (writer: Writer, message: M, version: number) => void,
  size: (message: M, version: number) => number,
  create: () => M,
): MessageCodec {
  return {
    name,
    decode,
    encode: encode as MessageCodec['encode'],
    size: size as MessageCodec['size'],
    create: () => create(),
  };
}
