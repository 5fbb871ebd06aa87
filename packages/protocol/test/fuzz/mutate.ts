/**
 * Random damage to encoded messages, of the kinds that break decoders: cuts, huge and negative lengths, wrong tags, shifted fields.
 */
import { Buffer } from 'node:buffer';
import type { Random } from '@skarab/base';

/** Byte strings that are lengths, counts or tags out of bounds. */
const HOSTILE = [
  'ffffffff',
  '7fffffff',
  '80000000',
  '000f4241',
  'ffff',
  '7fff',
  '8000',
  '00',
  'ff',
  '80',
  'ffffffff07',
  'ffffffff0f',
  '8180808000',
  '808001',
].map((hex) => Buffer.from(hex, 'hex'));

type Mutation = (bytes: Buffer, random: Random) => Buffer;

const at = (bytes: Buffer, random: Random): number => random.int(bytes.length + 1);

const mutations: readonly Mutation[] = [
  // Cut.
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  // Flip a bit.
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const position = random.int(Math.max(1, bytes.length));
    if (bytes.length > 0) copy[position] = copy[position]! ^ (1 << random.int(8));
    return copy;
  },
  // Overwrite with something hostile.
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    HOSTILE[random.int(HOSTILE.length)]!.copy(copy, at(bytes, random));
    return copy;
  },
  // Insert something hostile.
  (bytes, random) => insert(bytes, at(bytes, random), HOSTILE[random.int(HOSTILE.length)]!),
  // Append.
  (bytes, random) => Buffer.concat([bytes, random.bytes(1 + random.int(8))]),
  // Remove a part.
  (bytes, random) => {
    const start = at(bytes, random);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + random.int(8))]);
  },
  // Repeat a part.
  (bytes, random) => {
    const start = at(bytes, random);
    return insert(bytes, at(bytes, random), bytes.subarray(start, start + 1 + random.int(16)));
  },
];

function insert(bytes: Buffer, position: number, what: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, position), what, bytes.subarray(position)]);
}

/** A damaged copy. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  let damaged = bytes;
  for (let i = 1 + random.int(3); i > 0; i--) damaged = mutations[random.int(mutations.length)]!(damaged, random);
  return damaged;
}
