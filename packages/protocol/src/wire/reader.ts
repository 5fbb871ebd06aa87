/**
 * Reads the protocol's primitives from one frame (or any run of bytes), big-endian.
 *
 * Shape: codec. Every length is checked against what is left before anything is allocated, so that reading never takes more memory than
 * the frame has bytes for. Byte values are views into the frame, not copies. Errors: `ProtocolError`, never RangeError.
 */
import type { Uuid } from '@skarab/base';
import { ProtocolError } from './errors.ts';
import { type Memory, memoryOf } from './memory.ts';
import { readText, readUuid } from './text.ts';
import { EMPTY_BYTES, type TaggedField } from './values.ts';

/** Longest string in bytes, in both length formats. */
const MAX_STRING_SIZE = 0x7fff;
/** Most elements of an array, unless the reader is told otherwise. Source: Kafka 4.4. */
const MAX_ARRAY_LENGTH = 1_000_000;
/** Most tagged fields of a struct. Source: Kafka 4.4. */
const MAX_TAGGED_FIELDS = 10_000;

/** A position in bytes, and the ways to read on from it. */
export class Reader {
  /** Positions inside are those in the whole `ArrayBuffer`; `#base` is where the reader's own bytes begin. */
  readonly #memory: Memory;
  readonly #view: DataView;
  readonly #base: number;
  readonly #end: number;
  #position: number;
  readonly #maxArrayLength: number;

  /** Reads `bytes` from `start` on. `maxArrayLength` is for trusted bytes with more elements than a request may have. */
  constructor(bytes: Uint8Array, start = 0, maxArrayLength = MAX_ARRAY_LENGTH) {
    this.#memory = memoryOf(bytes.buffer);
    this.#view = this.#memory.view;
    this.#base = bytes.byteOffset;
    this.#end = bytes.byteOffset + bytes.byteLength;
    this.#position = bytes.byteOffset + start;
    this.#maxArrayLength = maxArrayLength;
  }

  /** Where reading goes on, from the start of the reader's bytes. */
  get position(): number {
    return this.#position - this.#base;
  }

  set position(position: number) {
    this.#position = this.#base + position;
  }

  /** Position after the last byte. */
  get end(): number {
    return this.#end - this.#base;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#end - this.#position;
  }

  /** Steps over `size` bytes and returns where they begin in memory. */
  #take(size: number): number {
    const position = this.#position;
    if (size > this.#end - position) throw this.#error(`needs ${size} bytes, has ${this.#end - position}`);
    this.#position = position + size;
    return position;
  }

  #error(message: string): ProtocolError {
    return new ProtocolError(message, this.position);
  }

  bool(): boolean {
    return this.#view.getUint8(this.#take(1)) !== 0;
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
    const position = this.#take(8);
    const view = this.#view;
    // The two commonest values, without the cost of making a bigint.
    const high = view.getInt32(position);
    if (high === 0 && view.getInt32(position + 4) === 0) return 0n;
    if (high === -1 && view.getInt32(position + 4) === -1) return -1n;
    return view.getBigInt64(position);
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8));
  }

  uuid(): Uuid {
    return readUuid(this.#memory, this.#take(16));
  }

  /** An unsigned varint of at most 31 bits: longer ones have no use in the protocol. */
  unsignedVarint(): number {
    const view = this.#view;
    const end = this.#end;
    let position = this.#position;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (position >= end) throw this.#error('needs a varint, has no more bytes');
      const byte = view.getUint8(position++);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (value < 0 || (shift === 28 && byte > 7)) throw this.#error('varint is too big');
        this.#position = position;
        return value;
      }
    }
    throw this.#error('varint is too long');
  }

  string(flexible: boolean): string {
    const size = flexible ? this.unsignedVarint() - 1 : this.int16();
    if (size < 0) throw this.#error('null where a string must be');
    return this.#text(size);
  }

  nullableString(flexible: boolean): string | null {
    const size = flexible ? this.unsignedVarint() - 1 : this.int16();
    return size < 0 ? null : this.#text(size);
  }

  #text(size: number): string {
    if (size > MAX_STRING_SIZE) throw this.#error(`string of ${size} bytes`);
    const start = this.#take(size);
    return readText(this.#memory.bytes, start, size);
  }

  /** A bytes or records value: a view. */
  bytes(flexible: boolean): Uint8Array {
    const size = flexible ? this.unsignedVarint() - 1 : this.int32();
    if (size < 0) throw this.#error('null where bytes must be');
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
    return new Uint8Array(this.#view.buffer, start, size);
  }

  /** Length of an array whose elements take at least `leastSize` bytes each. */
  arrayLength(flexible: boolean, leastSize: number): number {
    const length = this.nullableArrayLength(flexible, leastSize);
    if (length < 0) throw this.#error('null where an array must be');
    return length;
  }

  /** Length of an array, or -1 for null. */
  nullableArrayLength(flexible: boolean, leastSize: number): number {
    const length = flexible ? this.unsignedVarint() - 1 : this.int32();
    if (length < 0) return -1;
    if (length > this.#maxArrayLength || length * leastSize > this.#end - this.#position) {
      throw this.#error(`array of ${length} elements, has ${this.#end - this.#position} bytes`);
    }
    return length;
  }

  int8Array(flexible: boolean): number[] {
    const length = this.arrayLength(flexible, 1);
    const items = new Array<number>(length);
    let at = this.#take(length);
    for (let i = 0; i < length; i++, at += 1) items[i] = this.#view.getInt8(at);
    return items;
  }

  int16Array(flexible: boolean): number[] {
    const length = this.arrayLength(flexible, 2);
    const items = new Array<number>(length);
    let at = this.#take(length * 2);
    for (let i = 0; i < length; i++, at += 2) items[i] = this.#view.getInt16(at);
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
    const items = new Array<number>(length);
    let at = this.#take(length * 4);
    for (let i = 0; i < length; i++, at += 4) items[i] = this.#view.getInt32(at);
    return items;
  }

  int64Array(flexible: boolean): bigint[] {
    const length = this.arrayLength(flexible, 8);
    const items = new Array<bigint>(length);
    let at = this.#take(length * 8);
    for (let i = 0; i < length; i++, at += 8) items[i] = this.#view.getBigInt64(at);
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
    const items = new Array<Uuid>(length);
    let at = this.#take(length * 16);
    for (let i = 0; i < length; i++, at += 16) items[i] = readUuid(this.#memory, at);
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
    const items = new Array<string>(length);
    for (let i = 0; i < length; i++) items[i] = this.string(flexible);
    return items;
  }

  /** Number of tagged fields; each takes at least two bytes. */
  taggedFieldCount(): number {
    const count = this.unsignedVarint();
    if (count > MAX_TAGGED_FIELDS || count * 2 > this.#end - this.#position) {
      throw this.#error(`${count} tagged fields, has ${this.#end - this.#position} bytes`);
    }
    return count;
  }

  /** Reads the size of a tagged field and returns the position where it ends. */
  taggedFieldEnd(): number {
    const size = this.unsignedVarint();
    if (size > this.#end - this.#position) {
      throw this.#error(`tagged field of ${size} bytes, has ${this.#end - this.#position}`);
    }
    return this.position + size;
  }

  /** Checks that a known tagged field was read to its end. */
  endTaggedField(end: number): void {
    if (this.position !== end) throw this.#error(`tagged field ends at ${end}, its value does not`);
  }

  /** Adds an unknown tagged field to those found so far. Errors: refuses tags out of order, which could not be written again. */
  unknownTaggedField(found: TaggedField[] | undefined, tag: number, end: number): TaggedField[] {
    const field = { tag, data: this.rawBytes(end - this.position) };
    if (found === undefined) return [field];
    const previous = found[found.length - 1]!.tag;
    if (tag <= previous) throw this.#error(`tag ${tag} after tag ${previous}`);
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
    if (this.position !== this.end) throw this.#error(`${this.#end - this.#position} bytes too many`);
  }
}
