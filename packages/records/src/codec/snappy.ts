/**
 * Snappy as Kafka's clients speak it: the Java clients' chunked stream (snappy-java, "xerial"), and bare blocks from some others.
 *
 * Written is the stream, read are both; a block can never begin like the stream's header, whose first byte would announce a copy.
 * Shape of the stream: `0x82 "SNAPPY" 0 | version int32 | lowest compatible version int32 | { chunk size int32 | block }`, big-endian; streams may
 * follow each other. Source: snappy-java's SnappyOutputStream and SnappyInputStream.
 */
import { Buffer } from 'node:buffer';
import { CorruptDataError } from '@skarab/base';
import { readInt32, writeInt32 } from '../int64.ts';
import { decodeBlock } from './block-decoder.ts';
import { searchFast } from './fast-search.ts';
import { MatchPlan, type Viewed, viewed } from './match-plan.ts';
import { growScratch, scratchOf } from './scratch.ts';
import { encodeSnappyBlock, readSnappyPreamble, snappyBlockBound } from './snappy-block.ts';

const STREAM_MAGIC = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0);
const STREAM_HEADER_SIZE = 16;
const STREAM_VERSION = 1;
/** The chunks that the Java clients write. */
const CHUNK_SIZE = 32 * 1024;

const plan = new MatchPlan();

function corrupt(what: string, position: number): CorruptDataError {
  return new CorruptDataError(`snappy: ${what}`, { position });
}

function isStreamHeader(bytes: Uint8Array, position: number): boolean {
  if (bytes.length - position < STREAM_HEADER_SIZE) return false;
  return STREAM_MAGIC.every((byte, i) => bytes[position + i] === byte);
}

/** A growing run of decompressed blocks. */
class BlockReader {
  private readonly bytes: Uint8Array;
  private readonly maxBytes: number;
  private target: Viewed = scratchOf(0);
  private size = 0;

  constructor(bytes: Uint8Array, maxBytes: number) {
    this.bytes = bytes;
    this.maxBytes = maxBytes;
  }

  readBlock(from: number, end: number): void {
    const { uncompressedSize, position } = readSnappyPreamble(this.bytes, from, end);
    const limit = this.size + uncompressedSize;
    if (limit > this.maxBytes) throw corrupt(`decompressed size exceeds ${this.maxBytes} bytes`, from);
    this.target = growScratch(this.target, limit, this.size);
    decodeBlock('snappy', this.bytes, position, end, this.target.bytes, this.size, limit);
    this.size = limit;
  }

  readStream(): void {
    const { bytes } = this;
    for (let position = 0; position < bytes.length; ) {
      if (isStreamHeader(bytes, position)) {
        position += STREAM_HEADER_SIZE;
        continue;
      }
      if (bytes.length - position < 4) throw corrupt('chunk size is cut off', position);
      const end = position + 4 + readInt32(bytes, position);
      if (end <= position + 4 || end > bytes.length) throw corrupt('impossible chunk size', position);
      this.readBlock(position + 4, end);
      position = end;
    }
  }

  get result(): Uint8Array {
    return this.target.bytes.subarray(0, this.size);
  }
}

/** Decompresses a stream or a bare block to at most `maxBytes` into scratch space. */
export function snappyDecompressToScratch(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const reader = new BlockReader(bytes, maxBytes);
  if (isStreamHeader(bytes, 0)) reader.readStream();
  else reader.readBlock(0, bytes.length);
  return reader.result;
}

/** Compresses to one stream. */
export function snappyCompress(bytes: Uint8Array): Uint8Array {
  const input = viewed(bytes);
  const chunkCount = Math.ceil(bytes.length / CHUNK_SIZE);
  const target = scratchOf(STREAM_HEADER_SIZE + snappyBlockBound(bytes.length) + chunkCount * 40);
  target.bytes.set(STREAM_MAGIC);
  writeInt32(target.bytes, 8, STREAM_VERSION);
  writeInt32(target.bytes, 12, STREAM_VERSION);
  let position = STREAM_HEADER_SIZE;
  for (let start = 0; start < bytes.length; start += CHUNK_SIZE) {
    const end = Math.min(start + CHUNK_SIZE, bytes.length);
    searchFast(input, start, end, plan);
    const blockEnd = encodeSnappyBlock(input, start, end, plan, target, position + 4);
    writeInt32(target.bytes, position, blockEnd - position - 4);
    position = blockEnd;
  }
  return Buffer.from(target.bytes.subarray(0, position));
}
