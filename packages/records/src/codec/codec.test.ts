import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { AssertionError, CorruptDataError, seededRandom } from '@skarab/base';
import { type CompressionType, compressionTypes } from '../compression-type.ts';
import { compress, decompress, decompressToScratch } from './codec.ts';
import { xxhash32 } from './xxhash32.ts';

const codecs = compressionTypes.filter((type) => type !== 'none');
const levels: Record<CompressionType, readonly (number | undefined)[]> = {
  none: [undefined],
  gzip: [undefined, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  snappy: [undefined],
  lz4: [undefined, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17],
  zstd: [undefined, -131072, -100, -1, 0, 1, 3, 9, 16, 22],
};

/** Words from a small vocabulary, in lines: about what a log looks like. */
function text(size: number, seed: number): Buffer {
  const random = seededRandom(seed);
  const words = Array.from({ length: 60 }, () => random.int(2 ** 40).toString(36));
  let lines = '';
  while (lines.length < size) lines += words[random.int(60)]! + (random.int(9) ? ' ' : `\n${random.int(1e6)} `);
  return Buffer.from(lines.slice(0, size));
}

const corpora: readonly (readonly [string, Uint8Array])[] = [
  ...[0, 1, 4, 5, 12, 13, 17, 64, 255].map((size) => [`text of ${size}`, text(size, size)] as const),
  ['text of 200 KB', text(200_000, 1)],
  ['noise of 100 KB', seededRandom(2).bytes(100_000)],
  ['zeros of 300 KB', new Uint8Array(300_000)],
  ['pairs', Buffer.alloc(70_000, 'ab')],
  ['short cycles', Buffer.alloc(66_000, 'abcdefg')],
  ['noise that repeats after 60 KB', Buffer.concat(Array(3).fill(seededRandom(3).bytes(60_000)))],
  ['exactly one block', text(65_536, 4)],
];

test('every codec and level gives back what went in', () => {
  for (const codec of codecs) {
    for (const level of levels[codec]) {
      for (const [name, bytes] of corpora) {
        const packed = compress(codec, bytes, level);
        assert.ok(Buffer.from(decompress(codec, packed)).equals(bytes), `${codec} ${level} ${name}`);
        assert.ok(packed.length <= bytes.length * 1.01 + 64, `${codec} ${level} ${name} grew to ${packed.length}`);
      }
    }
  }
});

test('a higher level of zstd is smaller', () => {
  const bytes = text(150_000, 5);
  const packed = [-100, -5, -2, -1, 1, 9, 19].map((level) => compress('zstd', bytes, level).length);
  assert.deepEqual(
    packed,
    packed.toSorted((a, b) => b - a),
  );
  assert.ok(packed[3]! > packed[4]!);
});

test('a higher level of lz4 is never larger, the default aside', () => {
  const bytes = text(150_000, 5);
  const sizes = levels.lz4.filter((level) => level !== undefined && level !== 9);
  const packed = sizes.map((level) => compress('lz4', bytes, level).length);
  assert.deepEqual(
    packed,
    packed.toSorted((a, b) => b - a),
  );
  assert.ok(packed[0]! < compress('lz4', bytes).length);
  assert.deepEqual(compress('lz4', bytes, 9), compress('lz4', bytes));
});

test('levels that a codec does not have', () => {
  for (const [codec, level] of [
    ['gzip', 0],
    ['gzip', 10],
    ['lz4', 0],
    ['lz4', 18],
    ['zstd', 23],
  ] as const) {
    assert.throws(() => compress(codec, text(10, 1), level), AssertionError);
  }
});

test('the result is the caller’s own unless scratch space was asked for', () => {
  const packed = compress('lz4', text(1000, 6));
  const own = decompress('lz4', packed);
  const borrowed = decompressToScratch('snappy', compress('snappy', new Uint8Array(1000)));
  assert.ok(borrowed.every((byte) => byte === 0));
  assert.ok(Buffer.from(own).equals(text(1000, 6)));
});

test('output stops at the limit, bombs included', () => {
  const zeros = new Uint8Array(20_000_000);
  for (const codec of codecs) {
    const bomb = compress(codec, zeros);
    assert.throws(() => decompress(codec, bomb, 1_000_000), CorruptDataError, codec);
    assert.throws(() => decompress(codec, bomb, zeros.length - 1), CorruptDataError, codec);
    assert.equal(decompress(codec, bomb, zeros.length).length, zeros.length);
  }
  // A preamble that announces 4 GiB, and no data.
  assert.throws(() => decompress('snappy', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0)), CorruptDataError);
});

test('cut-off input is corrupt at every length', () => {
  const bytes = text(3000, 7);
  for (const codec of codecs) {
    const packed = compress(codec, bytes);
    for (let length = 0; length < packed.length; length++) {
      // A stream of snappy chunks has no end mark: cut off behind its header it is an empty stream.
      if (codec === 'snappy' && length === 16) continue;
      assert.throws(() => decompress(codec, packed.subarray(0, length)), CorruptDataError, `${codec} ${length}`);
    }
  }
});

test('damaged input is corrupt or yields bytes within the limit', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 1e9);
  console.log(`# seed ${seed}`);
  const random = seededRandom(seed);
  for (const codec of codecs) {
    const packed = Buffer.from(compress(codec, text(2000, 8)));
    for (let round = 0; round < 3000; round++) {
      const damaged = Buffer.from(packed);
      for (let i = random.int(4); i >= 0; i--) damaged[random.int(damaged.length)] = random.int(256);
      try {
        assert.ok(decompress(codec, damaged, 10_000).length <= 10_000);
      } catch (error) {
        assert.ok(error instanceof CorruptDataError, `${codec}: ${error}`);
      }
    }
  }
});

test('bare snappy blocks and streams one after the other', () => {
  // "abcdabcdabcd…": literal of four, copies with one, two and four bytes of offset, and a literal with a length of its own.
  const block = [24, 12, 97, 98, 99, 100, 1, 4, 14, 4, 0, 15, 4, 0, 0, 0, 0xf0, 7, ...Buffer.from('ABCDEFGH')];
  assert.equal(Buffer.from(decompress('snappy', Uint8Array.from(block))).toString(), 'abcdabcdabcdabcdABCDEFGH');
  const stream = compress('snappy', Buffer.from('once'));
  assert.equal(Buffer.from(decompress('snappy', Buffer.concat([stream, stream]))).toString(), 'onceonce');
});

test('a bare snappy block of many megabytes, and a small one after it', () => {
  const literals = Buffer.alloc(12 * 1024 * 1024, 'a b c d e f g ');
  const size = literals.length;
  const block = Buffer.concat([
    Uint8Array.of((size & 0x7f) | 0x80, ((size >>> 7) & 0x7f) | 0x80, ((size >>> 14) & 0x7f) | 0x80, size >>> 21),
    Uint8Array.of(63 << 2, (size - 1) & 0xff, ((size - 1) >>> 8) & 0xff, ((size - 1) >>> 16) & 0xff, (size - 1) >>> 24),
    literals,
  ]);
  assert.ok(literals.equals(decompress('snappy', block)));
  assert.throws(() => decompress('snappy', block.subarray(0, -1)), /literals do not fit/);
  assert.equal(Buffer.from(decompress('snappy', compress('snappy', Buffer.from('small')))).toString(), 'small');
});

test('lz4 frames with block checksums, content size and a content checksum; linked blocks refused', () => {
  const frame = (flags: number, descriptor: number, ...rest: number[]): Uint8Array => {
    const header = Uint8Array.of(flags, descriptor, ...(flags & 8 ? [3, 0, 0, 0, 0, 0, 0, 0] : []));
    return Uint8Array.of(0x04, 0x22, 0x4d, 0x18, ...header, (xxhash32(header) >>> 8) & 0xff, ...rest);
  };
  const stored = [3, 0, 0, 0x80, 97, 98, 99];
  const sum = xxhash32(Buffer.from('abc'));
  const checksum = [sum & 0xff, (sum >>> 8) & 0xff, (sum >>> 16) & 0xff, sum >>> 24];
  const end = [0, 0, 0, 0];
  const read = (bytes: Uint8Array): string => Buffer.from(decompress('lz4', bytes)).toString();
  assert.equal(read(frame(0x60, 0x40, ...stored, ...end)), 'abc');
  assert.equal(read(frame(0x68, 0x70, ...stored, ...end)), 'abc');
  assert.equal(read(frame(0x74, 0x40, ...stored, ...checksum, ...end, ...checksum)), 'abc');
  assert.equal(read(frame(0x60, 0x40, 10, 0, 0, 0, 0x1f, 97, 1, 0, 1, 0x40, 98, 99, 100, 101, ...end)).length, 25);
  assert.throws(() => read(frame(0x70, 0x40, ...stored, 1, 2, 3, 4, ...end)), /block checksum/);
  assert.throws(() => read(frame(0x40, 0x40, ...stored, ...end)), /frame flags/);
  assert.throws(() => read(frame(0x60, 0x30, ...stored, ...end)), /block descriptor/);
  assert.throws(() => read(frame(0x64, 0x40, ...stored, ...end)), /cut off/);
  assert.throws(() => read(frame(0x60, 0x40, 1, 0, 1, 0)), /exceeds/);
  const wrong = frame(0x60, 0x40, ...stored, ...end);
  wrong[6]! ^= 1;
  assert.throws(() => read(wrong), /header checksum/);
});

test('xxHash32 of known inputs', () => {
  assert.equal(xxhash32(Buffer.from('')), 0x02cc5d05);
  assert.equal(xxhash32(Buffer.from('a')), 0x550d7456);
  assert.equal(xxhash32(Buffer.from('Nobody inspects the spammish repetition')), 0xe2293b2f);
});
