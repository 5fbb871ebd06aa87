/**
 * Decodes LZ4 and Snappy blocks in WebAssembly, three times as fast as JavaScript does; its sources are in packages/records/assembly.
 *
 * A block is copied into the module's memory and the result out of it, which costs a tenth of the decoding. Memory of WebAssembly never
 * shrinks, so a module that a large block has made grow is let go.
 */
import { Buffer } from 'node:buffer';
import { assert, CorruptDataError } from '@skarab/base';
import { blockDecoders } from './generated/block-decoders.ts';

/** A module with more memory than this is not kept. */
const RETAINED_BYTES = 8 * 1024 * 1024;
const PAGE_SIZE = 65536;
/** Decoders read and write so many bytes at a time, and never across the end of a block. */
const ALIGNMENT = 16;

/** By the number that a decoder returns, see assembly/fault.ts. */
const faults: Readonly<Record<number, string>> = {
  [-1]: 'length is cut off',
  [-2]: 'literals do not fit',
  [-3]: 'match offset is cut off',
  [-4]: 'match offset is outside of the block',
  [-5]: 'match does not fit',
  [-6]: 'block ends too soon',
};

/** The part of WebAssembly that is used; TypeScript's own declarations come with all of a browser. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
};

/** What the module exports; positions are in its memory, a result below zero is a fault. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  decodeLz4(from: number, end: number, to: number, limit: number): number;
  decodeSnappy(from: number, end: number, to: number, limit: number): number;
}

let program: object | undefined;
let retained: Exports | undefined;

function instantiate(): Exports {
  program ??= new WebAssembly.Module(Buffer.from(blockDecoders, 'base64'));
  return new WebAssembly.Instance(program).exports as Exports;
}

/** The module with at least `size` bytes of memory. */
function decoders(size: number): Exports {
  const exports = retained ?? instantiate();
  const missing = size - exports.memory.buffer.byteLength;
  if (missing > 0) exports.memory.grow(Math.ceil(missing / PAGE_SIZE));
  retained = exports.memory.buffer.byteLength > RETAINED_BYTES ? undefined : exports;
  return exports;
}

/**
 * Decodes the block `[from, end)` of `source` to `[to, limit)` of `target` at most (Snappy: exactly); returns the position after it.
 *
 * Errors: `CorruptDataError` when the block is malformed or would reach beyond `limit`.
 */
export function decodeBlock(
  format: 'lz4' | 'snappy',
  source: Uint8Array,
  from: number,
  end: number,
  target: Uint8Array,
  to: number,
  limit: number,
): number {
  assert(limit <= target.length, 'a block is decoded beyond its target');
  const start = Math.ceil((end - from) / ALIGNMENT) * ALIGNMENT;
  const module = decoders(start + limit - to);
  const memory = new Uint8Array(module.memory.buffer);
  memory.set(source.subarray(from, end));
  const decode = format === 'lz4' ? module.decodeLz4 : module.decodeSnappy;
  const size = decode(0, end - from, start, start + limit - to);
  if (size < 0) throw new CorruptDataError(`${format}: ${faults[size]}`, { position: from });
  target.set(memory.subarray(start, start + size), to);
  return to + size;
}
