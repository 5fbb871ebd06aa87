/**
 * Reads the protocol's primitives from one frame (or any run of bytes), big-endian.
 *
 * Shape: codec. Every length is checked against what is left before anything is allocated, so that reading never takes more memory than
 * the frame has bytes for. Byte values are views into the frame, not copies. Errors: `ProtocolError`, never RangeError.
 */
import { Buffer } from 'node:buffer';
import { type Uuid, uuidFromBytes } from '@skarab/base';
import { ProtocolError } from './errors.ts';
import { EMPTY_BYTES, type TaggedField } from './values.ts';

/** Longest string in bytes, in both length formats. */
const MAX_STRING_SIZE = 0x7fff;
/** Most elements of an array, unless the reader is told otherwise. Source: Kafka 4.4. */
const MAX_ARRAY_LENGTH = 1_000_000;
/** Most tagged fields of a struct. Source: Kafka 4.4. */
const MAX_TAGGED_FIELDS = 10_000;

/** A position in bytes, and the ways to read on from it. */
export class Reader {
  position: number;
  /** Position after the last byte. */
  readonly end: number;
  readonly #buffer: Buffer;
  readonly #view: DataView;
  readonly #maxArrayLength: number;

  /** Reads `bytes` from `start` on. `maxArrayLength` is for trusted bytes with more elements than a request may have. */
  constructor(bytes: Uint8Array, start = 0, maxArrayLength = MAX_ARRAY_LENGTH) {
    this.#buffer = bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = start;
    this.end = bytes.byteLength;
    this.#maxArrayLength = maxArrayLength;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.end - this.position;
  }

  /** Steps over `size` bytes and returns where they begin. */
  #take(size: number): number {
    const { position } = this;
    if (size > this.end - position)
      throw new ProtocolError(`needs ${size} bytes, has ${this.end - position}`, position);
    this.position = position + size;
    return position;
  }

  bool(): boolean {
    return this.#buffer[this.#take(1)] !== 0;
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1));
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  uuid(): Uuid {
    return uuidFromBytes(this.#buffer, this.#take(16));
  }

  /** An unsigned varint of at most 31 bits: longer ones have no use in the protocol. */
  unsignedVarint(): number {
    const bytes = this.#buffer;
    const { end } = this;
    let { position } = this;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (position >= end) throw new ProtocolError('needs a varint, has no more bytes', this.position);
      const byte = bytes[position++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value < 0 || (shift === 28 && byte > 7)) throw new ProtocolError('varint is too big', this.position);
        this.position = position;
        return value;
      }
    }
    throw new ProtocolError('varint is too long', this.position);
  }

  string(flexible: boolean): string {
    const size = flexible ? this.unsignedVarint() - 1 : this.int16();
    if (size < 0) throw new ProtocolError('null where a string must be', this.position);
    return this.#text(size);
  }

  nullableString(flexible: boolean): string | null {
    const size = flexible ? this.unsignedVarint() - 1 : this.int16();
    return size < 0 ? null : this.#text(size);
  }

  #text(size: number): string {
    if (size > MAX_STRING_SIZE) throw new ProtocolError(`string of ${size} bytes`, this.position);
    const start = this.#take(size);
    return this.#buffer.toString('utf8', start, start + size);
  }

  /** A bytes or records value: a view. */
  bytes(flexible: boolean): Uint8Array {
    const size = flexible ? this.unsignedVarint() - 1 : this.int32();
    if (size < 0) throw new ProtocolError('null where bytes must be', this.position);
    return this.rawBytes(size);
  }

  nullableBytes(flexible: boolean): Uint8Array | null {
    const size = flexible ? this.unsignedVarint() - 1 : this.int32();
    return size < 0 ? null : this.rawBytes(size);
  }

  /** The next `size` bytes: a view. */
  rawBytes(size: number): Uint8Array {
    if (size === 0) return EMPTY_BYTES;
    const start = this.#take(size);
    return new Uint8Array(this.#buffer.buffer, this.#buffer.byteOffset + start, size);
  }

  /** Length of an array whose elements take at least `leastSize` bytes each. */
  arrayLength(flexible: boolean, leastSize: number): number {
    const length = this.nullableArrayLength(flexible, leastSize);
    if (length < 0) throw new ProtocolError('null where an array must be', this.position);
    return length;
  }

  /** Length of an array, or -1 for null. */
  nullableArrayLength(flexible: boolean, leastSize: number): number {
    const length = flexible ? this.unsignedVarint() - 1 : this.int32();
    if (length < 0) return -1;
    if (length > this.#maxArrayLength || length * leastSize > this.end - this.position) {
      throw new ProtocolError(`array of ${length} elements, has ${this.end - this.position} bytes`, this.position);
    }
    return length;
  }

  int8Array(flexible: boolean): number[] {
    const length = this.arrayLength(flexible, 1);
    const items: number[] = [];
    for (let i = 0; i < length; i++) items.push(this.int8());
    return items;
  }

  int16Array(flexible: boolean): number[] {
    const length = this.arrayLength(flexible, 2);
    const items: number[] = [];
    for (let i = 0; i < length; i++) items.push(this.int16());
    return items;
  }

  int32Array(flexible: boolean): number[] {
    return this.#int32s(this.arrayLength(flexible, 4));
  }

  nullableInt32Array(flexible: boolean): number[] | null {
    const length = this.nullableArrayLength(flexible, 4);
    return length < 0 ? null : this.#int32s(length);
  }

  #int32s(length: number): number[] {
    const items: number[] = [];
    for (let i = 0; i < length; i++) items.push(this.int32());
    return items;
  }

  int64Array(flexible: boolean): bigint[] {
    const length = this.arrayLength(flexible, 8);
    const items: bigint[] = [];
    for (let i = 0; i < length; i++) items.push(this.int64());
    return items;
  }

  uuidArray(flexible: boolean): Uuid[] {
    return this.#uuids(this.arrayLength(flexible, 16));
  }

  nullableUuidArray(flexible: boolean): Uuid[] | null {
    const length = this.nullableArrayLength(flexible, 16);
    return length < 0 ? null : this.#uuids(length);
  }

  #uuids(length: number): Uuid[] {
    const items: Uuid[] = [];
    for (let i = 0; i < length; i++) items.push(this.uuid());
    return items;
  }

  stringArray(flexible: boolean): string[] {
    return this.#strings(this.arrayLength(flexible, 1), flexible);
  }

  nullableStringArray(flexible: boolean): string[] | null {
    const length = this.nullableArrayLength(flexible, 1);
    return length < 0 ? null : this.#strings(length, flexible);
  }

  #strings(length: number, flexible: boolean): string[] {
    const items: string[] = [];
    for (let i = 0; i < length; i++) items.push(this.string(flexible));
    return items;
  }

  /** Number of tagged fields; each takes at least two bytes. */
  taggedFieldCount(): number {
    const count = this.unsignedVarint();
    if (count > MAX_TAGGED_FIELDS || count * 2 > this.end - this.position) {
      throw new ProtocolError(`${count} tagged fields, has ${this.end - this.position} bytes`, this.position);
    }
    return count;
  }

  /** Reads the size of a tagged field and returns the position where it ends. */
  taggedFieldEnd(): number {
    const size = this.unsignedVarint();
    if (size > this.end - this.position) {
      throw new ProtocolError(`tagged field of ${size} bytes, has ${this.end - this.position}`, this.position);
    }
    return this.position + size;
  }

  /** Checks that a known tagged field was read to its end. */
  endTaggedField(end: number): void {
    if (this.position !== end)
      throw new ProtocolError(`tagged field ends at ${end}, its value does not`, this.position);
  }

  /** Adds an unknown tagged field to those found so far. */
  unknownTaggedField(found: TaggedField[] | undefined, tag: number, end: number): TaggedField[] {
    const field = { tag, data: this.rawBytes(end - this.position) };
    if (found === undefined) return [field];
    found.push(field);
    return found;
  }

  /** A whole section of tagged fields of which none is known; undefined when there are none. */
  unknownTaggedFields(): TaggedField[] | undefined {
    const count = this.taggedFieldCount();
    let found: TaggedField[] | undefined;
    for (let i = 0; i < count; i++) {
      const tag = this.unsignedVarint();
      found = this.unknownTaggedField(found, tag, this.taggedFieldEnd());
    }
    return found;
  }

  /** Errors: `ProtocolError` when bytes are left over. */
  expectEnd(): void {
    if (this.position !== this.end)
      throw new ProtocolError(`${this.end - this.position} bytes too many`, this.position);
  }
}
