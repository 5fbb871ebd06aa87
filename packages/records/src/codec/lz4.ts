/**
 * LZ4 frames as Kafka writes and reads them: independent blocks of at most 64 KiB (4 MiB when read), no content size or checksum when
 * written, linked blocks refused.
 *
 * Shape: `magic uint32 LE | flags | block descriptor | [content size int64] | header checksum | { block size uint32 LE (bit 31: stored) |
 * block | [block checksum] } | 0 uint32 | [content checksum]`.
 * Source: the LZ4 frame format description; org.apache.kafka.common.compress.Lz4BlockOutputStream and Lz4BlockInputStream.
 */
import { Buffer } from 'node:buffer';
import { CorruptDataError } from '@skarab/base';
import { decodeBlock } from './block-decoder.ts';
import { searchFast } from './fast-search.ts';
import { encodeLz4Block, LZ4_MAX_EXPANSION, lz4BlockBound } from './lz4-block.ts';
import { MAX_BLOCK_SIZE, MatchPlan, type Viewed, viewed } from './match-plan.ts';
import { growScratch, scratchOf } from './scratch.ts';
import { searchThoroughly } from './thorough-search.ts';
import { xxhash32 } from './xxhash32.ts';

const FRAME_MAGIC = 0x184d2204;
const FLAGS = 0x60;
const DESCRIPTOR = 0x40;
const HEADER_SIZE = 7;
const STORED = 0x80000000;

/** The default level means the fast search, as in Kafka. */
const FAST_LEVEL = 9;

const plan = new MatchPlan();

function corrupt(what: string, position: number): CorruptDataError {
  return new CorruptDataError(`lz4: ${what}`, { position });
}

/** Reads a frame from start to end. */
class FrameReader {
  private readonly input: Viewed;
  private position = 0;
  private maxBlockSize = 0;
  private hasBlockChecksum = false;
  private hasContentChecksum = false;

  constructor(bytes: Uint8Array) {
    this.input = viewed(bytes);
  }

  readHeader(checksumFromMagic: boolean): void {
    this.need(HEADER_SIZE);
    if (this.readUint32() !== FRAME_MAGIC) throw corrupt('wrong magic number', 0);
    const { bytes } = this.input;
    const flags = bytes[this.position++]!;
    const descriptor = bytes[this.position++]!;
    if ((flags & 0xe3) !== FLAGS) throw corrupt(`unsupported frame flags ${flags}`, 4);
    if ((descriptor & 0x8f) !== 0 || descriptor < 0x40) throw corrupt(`unsupported block descriptor ${descriptor}`, 5);
    this.maxBlockSize = 1 << (2 * (descriptor >>> 4) + 8);
    this.hasBlockChecksum = (flags & 0x10) !== 0;
    this.hasContentChecksum = (flags & 0x04) !== 0;
    if ((flags & 0x08) !== 0) this.position += 8;
    this.need(1);
    const checksum = bytes[this.position]!;
    if (!checksumFromMagic && checksum !== ((xxhash32(bytes, 4, this.position) >>> 8) & 0xff)) {
      throw corrupt('wrong header checksum', this.position);
    }
    this.position++;
  }

  readBlocks(maxBytes: number): Uint8Array {
    let target = scratchOf(0);
    let size = 0;
    for (;;) {
      this.need(4);
      const header = this.readUint32();
      const blockSize = header & ~STORED;
      if (blockSize === 0) break;
      if (blockSize > this.maxBlockSize)
        throw corrupt(`block size ${blockSize} exceeds ${this.maxBlockSize}`, this.position);
      this.need(blockSize + (this.hasBlockChecksum ? 4 : 0));
      const isStored = header >= STORED;
      const most = isStored ? blockSize : Math.min(this.maxBlockSize, blockSize * LZ4_MAX_EXPANSION);
      target = growScratch(target, size + most, size);
      size = this.readBlock(blockSize, isStored, target, size, Math.min(size + most, maxBytes));
    }
    if (this.hasContentChecksum) this.need(4);
    return target.bytes.subarray(0, size);
  }

  private readBlock(blockSize: number, isStored: boolean, target: Viewed, to: number, limit: number): number {
    const from = this.position;
    const end = from + blockSize;
    this.position = end;
    if (this.hasBlockChecksum && xxhash32(this.input.bytes, from, end) !== this.readUint32()) {
      throw corrupt('wrong block checksum', from);
    }
    if (!isStored) return decodeBlock('lz4', this.input.bytes, from, end, target.bytes, to, limit);
    if (blockSize > limit - to) throw corrupt('decompressed size exceeds its limit', from);
    target.bytes.set(this.input.bytes.subarray(from, end), to);
    return to + blockSize;
  }

  private need(size: number): void {
    if (size > this.input.bytes.length - this.position) throw corrupt('frame is cut off', this.position);
  }

  private readUint32(): number {
    const value = this.input.view.getUint32(this.position, true);
    this.position += 4;
    return value;
  }
}

/**
 * Decompresses a frame to at most `maxBytes` into scratch space.
 *
 * `hasV0Checksum` is for messages v0, whose header checksum was computed over the wrong bytes and is not looked at.
 */
export function lz4DecompressToScratch(bytes: Uint8Array, maxBytes: number, hasV0Checksum = false): Uint8Array {
  const reader = new FrameReader(bytes);
  reader.readHeader(hasV0Checksum);
  return reader.readBlocks(maxBytes);
}

function searchBlock(input: Viewed, start: number, end: number, level: number): void {
  if (level === FAST_LEVEL) searchFast(input, start, end, plan);
  else searchThoroughly(input, start, end, Math.ceil(1.5 ** (level - 1)), plan);
}

/** Compresses to one frame; level 9, the default, is the fast search, the others (1 to 17) search ever more thoroughly. */
export function lz4Compress(bytes: Uint8Array, level: number): Uint8Array {
  const input = viewed(bytes);
  const blockCount = Math.ceil(bytes.length / MAX_BLOCK_SIZE);
  const target = scratchOf(HEADER_SIZE + lz4BlockBound(bytes.length) + blockCount * 32 + 4);
  let position = writeHeader(target);
  for (let start = 0; start < bytes.length; start += MAX_BLOCK_SIZE) {
    const end = Math.min(start + MAX_BLOCK_SIZE, bytes.length);
    searchBlock(input, start, end, level);
    position = writeBlock(input, start, end, target, position);
  }
  target.view.setUint32(position, 0, true);
  return Buffer.from(target.bytes.subarray(0, position + 4));
}

function writeHeader({ bytes, view }: Viewed): number {
  view.setUint32(0, FRAME_MAGIC, true);
  bytes[4] = FLAGS;
  bytes[5] = DESCRIPTOR;
  bytes[6] = xxhash32(bytes, 4, 6) >>> 8;
  return HEADER_SIZE;
}

function writeBlock(input: Viewed, start: number, end: number, target: Viewed, position: number): number {
  const size = encodeLz4Block(input, start, end, plan, target, position + 4) - position - 4;
  if (size < end - start) {
    target.view.setUint32(position, size, true);
    return position + 4 + size;
  }
  target.view.setUint32(position, STORED + (end - start), true);
  target.bytes.set(input.bytes.subarray(start, end), position + 4);
  return position + 4 + (end - start);
}
