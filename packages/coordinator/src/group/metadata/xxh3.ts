/**
 * XXH3, 64 bits, without a seed: the hash by which a consumer group notices that its topics have changed.
 *
 * In bigints: topics are hashed once per change of the metadata. Source: the xxHash specification (XXH3), com.dynatrace.hash4j.hashing.XXH3_64.
 */
import { Buffer } from 'node:buffer';

const SECRET = Buffer.from(
  'b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671fcb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c' +
    '3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364' +
    'eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e',
  'hex',
);
const PRIME32_1 = 0x9e3779b1n;
const PRIME32_2 = 0x85ebca77n;
const PRIME32_3 = 0xc2b2ae3dn;
const PRIME64_1 = 0x9e3779b185ebca87n;
const PRIME64_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME64_3 = 0x165667b19e3779f9n;
const PRIME64_4 = 0x85ebca77c2b2ae63n;
const PRIME64_5 = 0x27d4eb2f165667c5n;
const MASK32 = 0xffffffffn;
const STRIPE = 64;
const STRIPES_PER_BLOCK = 16;
const BLOCK = STRIPE * STRIPES_PER_BLOCK;

/** The hash of some bytes, as a signed 64-bit integer. */
export function xxh3(bytes: Uint8Array): bigint {
  const input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return BigInt.asIntN(64, hash(input, input.length));
}

function hash(input: Buffer, length: number): bigint {
  if (length === 0) return avalanche64(secret(56) ^ secret(64));
  if (length <= 3) return hash1to3(input, length);
  if (length <= 8) return hash4to8(input, length);
  if (length <= 16) return hash9to16(input, length);
  if (length <= 128) return hash17to128(input, length);
  return length <= 240 ? hash129to240(input, length) : hashLong(input, length);
}

function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function secret(offset: number): bigint {
  return SECRET.readBigUInt64LE(offset);
}

function rotateLeft(value: bigint, bits: bigint): bigint {
  return u64((value << bits) | (value >> (64n - bits)));
}

function swap64(value: bigint): bigint {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes.readBigUInt64BE();
}

function multiplyAndFold(a: bigint, b: bigint): bigint {
  const product = a * b;
  return u64(product) ^ (product >> 64n);
}

function avalanche64(value: bigint): bigint {
  let h = u64((value ^ (value >> 33n)) * PRIME64_2);
  h = u64((h ^ (h >> 29n)) * PRIME64_3);
  return h ^ (h >> 32n);
}

function avalanche(value: bigint): bigint {
  const h = u64((value ^ (value >> 37n)) * 0x165667919e3779f9n);
  return h ^ (h >> 32n);
}

function hash1to3(input: Buffer, length: number): bigint {
  const combined = (input[0]! * 0x10000 + input[length >> 1]! * 0x1000000 + input[length - 1]! + length * 0x100) >>> 0;
  const flip = (SECRET.readUInt32LE(0) ^ SECRET.readUInt32LE(4)) >>> 0;
  return avalanche64(BigInt((combined ^ flip) >>> 0));
}

function hash4to8(input: Buffer, length: number): bigint {
  const word = BigInt(input.readUInt32LE(length - 4)) | (BigInt(input.readUInt32LE(0)) << 32n);
  let h = word ^ secret(8) ^ secret(16);
  h ^= rotateLeft(h, 49n) ^ rotateLeft(h, 24n);
  h = u64(h * 0x9fb21c651e98df25n);
  h ^= (h >> 35n) + BigInt(length);
  h = u64(h * 0x9fb21c651e98df25n);
  return h ^ (h >> 28n);
}

function hash9to16(input: Buffer, length: number): bigint {
  const low = input.readBigUInt64LE(0) ^ secret(24) ^ secret(32);
  const high = input.readBigUInt64LE(length - 8) ^ secret(40) ^ secret(48);
  return avalanche(u64(BigInt(length) + swap64(low) + high + multiplyAndFold(low, high)));
}

function mix16(input: Buffer, offset: number, secretOffset: number): bigint {
  return multiplyAndFold(
    input.readBigUInt64LE(offset) ^ secret(secretOffset),
    input.readBigUInt64LE(offset + 8) ^ secret(secretOffset + 8),
  );
}

function hash17to128(input: Buffer, length: number): bigint {
  let sum = BigInt(length) * PRIME64_1;
  for (let i = Math.floor((length - 1) / 32); i >= 0; i--)
    sum += mix16(input, 16 * i, 32 * i) + mix16(input, length - 16 * (i + 1), 32 * i + 16);
  return avalanche(u64(sum));
}

function hash129to240(input: Buffer, length: number): bigint {
  let sum = BigInt(length) * PRIME64_1;
  for (let i = 0; i < 8; i++) sum += mix16(input, 16 * i, 16 * i);
  sum = avalanche(u64(sum));
  for (let i = 8; i < Math.floor(length / 16); i++) sum += mix16(input, 16 * i, 16 * (i - 8) + 3);
  return avalanche(u64(sum + mix16(input, length - 16, 136 - 17)));
}

function hashLong(input: Buffer, length: number): bigint {
  const lanes = [PRIME32_3, PRIME64_1, PRIME64_2, PRIME64_3, PRIME64_4, PRIME32_2, PRIME64_5, PRIME32_1];
  const blockCount = Math.floor((length - 1) / BLOCK);
  for (let block = 0; block < blockCount; block++) {
    for (let stripe = 0; stripe < STRIPES_PER_BLOCK; stripe++)
      accumulate(lanes, input, block * BLOCK + stripe * STRIPE, stripe * 8);
    scramble(lanes);
  }
  const rest = length - 1 - blockCount * BLOCK;
  for (let stripe = 0; stripe < Math.floor(rest / STRIPE); stripe++)
    accumulate(lanes, input, blockCount * BLOCK + stripe * STRIPE, stripe * 8);
  accumulate(lanes, input, length - STRIPE, SECRET.length - STRIPE - 7);
  let sum = BigInt(length) * PRIME64_1;
  for (let i = 0; i < 8; i += 2)
    sum += multiplyAndFold(lanes[i]! ^ secret(11 + 8 * i), lanes[i + 1]! ^ secret(19 + 8 * i));
  return avalanche(u64(sum));
}

function accumulate(lanes: bigint[], input: Buffer, offset: number, secretOffset: number): void {
  for (let i = 0; i < 8; i++) {
    const data = input.readBigUInt64LE(offset + 8 * i);
    const key = data ^ secret(secretOffset + 8 * i);
    lanes[i ^ 1] = u64(lanes[i ^ 1]! + data);
    lanes[i] = u64(lanes[i]! + (key & MASK32) * (key >> 32n));
  }
}

function scramble(lanes: bigint[]): void {
  for (const [i, lane] of lanes.entries())
    lanes[i] = u64((lane ^ (lane >> 47n) ^ secret(SECRET.length - STRIPE + 8 * i)) * PRIME32_1);
}
