/**
 * Writes the protocol's primitives, big-endian, as a list of chunks: small fields gathered in buffers, records payloads as they are.
 *
 * Shape: codec. Without a capacity, writers take turns on one shared slab and cut their bytes off it, so a small message costs no
 * allocation of its own; what `chunks()` returned stays valid. One pass: nothing has to be measured first.
 */
import { Buffer } from 'node:buffer';
import { assert, type Uuid } from '@skarab/base';
import { ApiError } from '../api-error.ts';
import { ErrorCode } from '../generated/errors.ts';
import { writeUuid } from './text.ts';
import type { RecordsPayload, TaggedField } from './values.ts';

/** Bigger than any tag; for the unknown tagged fields after the last known one. */
export const NO_TAG = 0x80000000;

const SLAB_SIZE = 64 * 1024;
/** A rest of the slab smaller than this is given up. */
const LEAST_REST = 512;
/** Longest string in bytes, in both length formats. */
const MAX_STRING_SIZE = 0x7fff;
/** Strings up to this length are tried as ASCII, byte by byte. */
const SHORT_STRING = 32;

/** A buffer that writers take turns on; bytes before `used` belong to messages written earlier. */
interface Slab {
  readonly buffer: Buffer;
  readonly view: DataView;
  used: number;
}

function newSlab(buffer: Buffer): Slab {
  return { buffer, view: new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength), used: 0 };
}

/** The slab, while no writer has it. */
let spare: Slab | null = null;

/** Collects what is written; ask for `chunks()` or `toBytes()` once, at the end. */
export class Writer {
  #slab: Slab;
  #buffer: Buffer;
  #view: DataView;
  /** Start of the current chunk in the buffer. */
  #start: number;
  #position: number;
  readonly #shared: boolean;
  readonly #chunks: RecordsPayload[] = [];
  #chunksSize = 0;

  /** With a capacity, the writer has a buffer of its own of that size; it still grows when needed. */
  constructor(capacity?: number) {
    this.#shared = capacity === undefined;
    if (capacity !== undefined) this.#slab = newSlab(Buffer.allocUnsafe(capacity));
    else if (spare === null) this.#slab = newSlab(Buffer.allocUnsafeSlow(SLAB_SIZE));
    else {
      this.#slab = spare;
      spare = null;
    }
    this.#buffer = this.#slab.buffer;
    this.#view = this.#slab.view;
    this.#start = this.#slab.used;
    this.#position = this.#start;
  }

  /** Bytes written so far, records payloads included. */
  get size(): number {
    return this.#chunksSize + this.#position - this.#start;
  }

  /** Makes room for `size` bytes and returns where they go. */
  #reserve(size: number): number {
    const position = this.#position;
    if (position + size > this.#buffer.length) return this.#grow(size);
    this.#position = position + size;
    return position;
  }

  #grow(size: number): number {
    const used = this.#position - this.#start;
    const least = this.#shared ? SLAB_SIZE : 64;
    const slab = newSlab(Buffer.allocUnsafeSlow(Math.max(least, (used + size) * 2)));
    slab.buffer.set(this.#buffer.subarray(this.#start, this.#position));
    this.#slab = slab;
    this.#buffer = slab.buffer;
    this.#view = slab.view;
    this.#start = 0;
    this.#position = used + size;
    return used;
  }

  bool(value: boolean): void {
    const position = this.#reserve(1);
    this.#buffer[position] = value ? 1 : 0;
  }

  int8(value: number): void {
    const position = this.#reserve(1);
    this.#view.setInt8(position, value);
  }

  int16(value: number): void {
    const position = this.#reserve(2);
    this.#view.setInt16(position, value);
  }

  uint16(value: number): void {
    const position = this.#reserve(2);
    this.#view.setUint16(position, value);
  }

  int32(value: number): void {
    const position = this.#reserve(4);
    this.#view.setInt32(position, value);
  }

  uint32(value: number): void {
    const position = this.#reserve(4);
    this.#view.setUint32(position, value);
  }

  int64(value: bigint): void {
    const position = this.#reserve(8);
    this.#view.setBigInt64(position, value);
  }

  float64(value: number): void {
    const position = this.#reserve(8);
    this.#view.setFloat64(position, value);
  }

  uuid(value: Uuid): void {
    const position = this.#reserve(16);
    writeUuid(value, this.#buffer, position);
  }

  unsignedVarint(value: number): void {
    if (value < 0x80) {
      const position = this.#reserve(1);
      this.#buffer[position] = value;
      return;
    }
    let rest = value;
    while (rest >= 0x80) {
      const position = this.#reserve(1);
      this.#buffer[position] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    const position = this.#reserve(1);
    this.#buffer[position] = rest;
  }

  string(value: string, flexible: boolean): void {
    const { length } = value;
    if (length <= SHORT_STRING && this.#ascii(value, length, flexible)) return;
    const size = Buffer.byteLength(value);
    if (size > MAX_STRING_SIZE) throw new ApiError(ErrorCode.INVALID_REQUEST, `string of ${size} bytes is too long`);
    if (flexible) this.unsignedVarint(size + 1);
    else this.int16(size);
    const position = this.#reserve(size);
    this.#buffer.write(value, position, size, 'utf8');
  }

  /** Writes a short string if it is ASCII; leaves no trace if it is not. */
  #ascii(value: string, length: number, flexible: boolean): boolean {
    const lengthSize = flexible ? 1 : 2;
    const position = this.#reserve(lengthSize + length);
    const buffer = this.#buffer;
    let at = position + lengthSize;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) {
        this.#position = position;
        return false;
      }
      buffer[at++] = code;
    }
    if (flexible) buffer[position] = length + 1;
    else {
      buffer[position] = 0;
      buffer[position + 1] = length;
    }
    return true;
  }

  nullableString(value: string | null, flexible: boolean): void {
    if (value !== null) this.string(value, flexible);
    else if (flexible) this.unsignedVarint(0);
    else this.int16(-1);
  }

  /** Copies the bytes, after their length. */
  bytes(value: Uint8Array, flexible: boolean): void {
    if (flexible) this.unsignedVarint(value.length + 1);
    else this.int32(value.length);
    this.rawBytes(value);
  }

  nullableBytes(value: Uint8Array | null, flexible: boolean): void {
    if (value === null) this.nullLength(flexible);
    else this.bytes(value, flexible);
  }

  /** Copies the bytes, without a length. */
  rawBytes(value: Uint8Array): void {
    const position = this.#reserve(value.length);
    this.#buffer.set(value, position);
  }

  /** Takes the payload as a chunk of its own, not copied. */
  records(value: RecordsPayload, flexible: boolean): void {
    if (flexible) this.unsignedVarint(value.byteLength + 1);
    else this.int32(value.byteLength);
    if (value.byteLength === 0) return;
    this.#cut();
    this.#chunks.push(value);
    this.#chunksSize += value.byteLength;
  }

  nullableRecords(value: RecordsPayload | null, flexible: boolean): void {
    if (value === null) this.nullLength(flexible);
    else this.records(value, flexible);
  }

  /** The length that stands for null, of arrays and bytes. */
  nullLength(flexible: boolean): void {
    if (flexible) this.unsignedVarint(0);
    else this.int32(-1);
  }

  arrayLength(length: number, flexible: boolean): void {
    if (flexible) this.unsignedVarint(length + 1);
    else this.int32(length);
  }

  int8Array(items: readonly number[], flexible: boolean): void {
    this.arrayLength(items.length, flexible);
    for (const item of items) this.int8(item);
  }

  int16Array(items: readonly number[], flexible: boolean): void {
    this.arrayLength(items.length, flexible);
    for (const item of items) this.int16(item);
  }

  int32Array(items: readonly number[], flexible: boolean): void {
    this.arrayLength(items.length, flexible);
    for (const item of items) this.int32(item);
  }

  nullableInt32Array(items: readonly number[] | null, flexible: boolean): void {
    if (items === null) this.nullLength(flexible);
    else this.int32Array(items, flexible);
  }

  int64Array(items: readonly bigint[], flexible: boolean): void {
    this.arrayLength(items.length, flexible);
    for (const item of items) this.int64(item);
  }

  uuidArray(items: readonly Uuid[], flexible: boolean): void {
    this.arrayLength(items.length, flexible);
    for (const item of items) this.uuid(item);
  }

  nullableUuidArray(items: readonly Uuid[] | null, flexible: boolean): void {
    if (items === null) this.nullLength(flexible);
    else this.uuidArray(items, flexible);
  }

  stringArray(items: readonly string[], flexible: boolean): void {
    this.arrayLength(items.length, flexible);
    for (const item of items) this.string(item, flexible);
  }

  nullableStringArray(items: readonly string[] | null, flexible: boolean): void {
    if (items === null) this.nullLength(flexible);
    else this.stringArray(items, flexible);
  }

  /** Writes the unknown tagged fields from index `next` on whose tags are below `limit`; returns the index of the first not written. */
  unknownTaggedFields(fields: readonly TaggedField[] | undefined, next: number, limit: number): number {
    if (fields === undefined) return next;
    let index = next;
    for (; index < fields.length; index++) {
      const { tag, data } = fields[index]!;
      const previous = index === 0 ? -1 : fields[index - 1]!.tag;
      assert(tag > previous && tag !== limit, `tag ${tag} among unknown tagged fields is out of order or known`);
      if (tag > limit) break;
      this.unsignedVarint(tag);
      this.unsignedVarint(data.length);
      this.rawBytes(data);
    }
    return index;
  }

  /** A section of tagged fields without known ones. */
  unknownTaggedFieldsOnly(fields: readonly TaggedField[] | undefined): void {
    if (fields === undefined) {
      this.unsignedVarint(0);
      return;
    }
    this.unsignedVarint(fields.length);
    this.unknownTaggedFields(fields, 0, NO_TAG);
  }

  /** Ends the current chunk. */
  #cut(): void {
    if (this.#position === this.#start) return;
    this.#chunks.push(this.#buffer.subarray(this.#start, this.#position));
    this.#chunksSize += this.#position - this.#start;
    this.#start = this.#position;
  }

  /** Everything written, in order. The writer must not be used afterwards. */
  chunks(): RecordsPayload[] {
    this.#cut();
    if (this.#shared && this.#position + LEAST_REST <= this.#buffer.length) {
      this.#slab.used = this.#position;
      spare = this.#slab;
    }
    return this.#chunks;
  }

  /** Everything written, in one piece. The writer must not be used afterwards. Errors: asserts that there are no external bytes. */
  toBytes(): Uint8Array {
    const chunks = this.chunks();
    const first = chunks[0];
    if (chunks.length === 1 && first instanceof Uint8Array) return first;
    return Buffer.concat(
      chunks.map((chunk) => {
        assert(chunk instanceof Uint8Array, 'external bytes cannot be gathered in memory');
        return chunk;
      }),
    );
  }
}
