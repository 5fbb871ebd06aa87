/**
 * Things that happen to files: cuts, flipped bits, garbage, leftovers. Each takes a partition's folder.
 */
import { appendFileSync, copyFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import type { Random } from '@skarab/base';
import { iterateBatches } from '@skarab/records';
import { segmentFiles } from './filled-log.ts';

export type Damage = (folder: string, random: Random) => void;

const lastLog = (folder: string): string => segmentFiles(folder, '.log').at(-1)!;

/** Flips a bit of a file. */
function flipBit(file: string, position: number, random: Random): void {
  const bytes = readFileSync(file);
  bytes[position] = bytes[position]! ^ (1 << random.int(8));
  writeFileSync(file, bytes);
}

/** Where the batches of a log file begin. */
function batchPositions(file: string): number[] {
  let position = 0;
  return [...iterateBatches(readFileSync(file))].map((batch) => {
    const at = position;
    position += batch.sizeInBytes;
    return at;
  });
}

/** Bytes of a batch's header in front of what the checksum covers. */
const CRC_COVERS_FROM = 21;
const LENGTH_POSITION = 8;
const MAGIC_POSITION = 16;

function inBatch(file: string, batch: number, offset: (size: number, random: Random) => number) {
  return (random: Random): void => {
    const positions = batchPositions(file);
    const start = positions[batch]!;
    const end = positions[batch + 1] ?? statSync(file).size;
    flipBit(file, start + offset(end - start, random), random);
  };
}

function setMagic(file: string, batch: number, magic: number): void {
  const bytes = readFileSync(file);
  bytes[batchPositions(file)[batch]! + MAGIC_POSITION] = magic;
  writeFileSync(file, bytes);
}

const inBody = (size: number, random: Random): number => CRC_COVERS_FROM + random.int(size - CRC_COVERS_FROM);

export const damages = {
  cutTail: (folder, random) => truncateSync(lastLog(folder), random.int(statSync(lastLog(folder)).size)),
  cutTailToNothing: (folder) => truncateSync(lastLog(folder), 0),
  garbageTail: (folder, random) => appendFileSync(lastLog(folder), random.bytes(1 + random.int(500))),
  zeroTail: (folder) => appendFileSync(lastLog(folder), Buffer.alloc(4096)),
  flipInLastSegment: (folder, random) => inBatch(lastLog(folder), 3, inBody)(random),
  flipInFirstSegment: (folder, random) => inBatch(segmentFiles(folder, '.log')[0]!, 3, inBody)(random),
  flipLengthInLastSegment: (folder, random) =>
    inBatch(lastLog(folder), 3, () => LENGTH_POSITION + random.int(4))(random),
  flipLengthInFirstSegment: (folder, random) =>
    inBatch(segmentFiles(folder, '.log')[0]!, 3, () => LENGTH_POSITION + random.int(4))(random),
  /** To a version that does not exist. */
  magicToCome: (folder) => setMagic(lastLog(folder), 3, 6),
  /** To the oldest version, whose batches look quite different. */
  oldestMagic: (folder) => setMagic(lastLog(folder), 3, 0),
  flipBaseOffsetInLastSegment: (folder, random) => inBatch(lastLog(folder), 3, () => random.int(8))(random),
  noIndexes: (folder) => {
    for (const suffix of ['.index', '.timeindex']) for (const file of segmentFiles(folder, suffix)) rmSync(file);
  },
  noIndexOfFirst: (folder) => rmSync(segmentFiles(folder, '.index')[0]!),
  oddIndexes: (folder, random) => {
    for (const file of segmentFiles(folder, '.index')) appendFileSync(file, random.bytes(3));
    for (const file of segmentFiles(folder, '.timeindex')) appendFileSync(file, random.bytes(5));
  },
  randomIndexes: (folder, random) => {
    for (const file of segmentFiles(folder, '.index')) writeFileSync(file, random.bytes(8 * 40));
    for (const file of segmentFiles(folder, '.timeindex')) writeFileSync(file, random.bytes(12 * 40));
  },
  emptyIndexes: (folder) => {
    for (const suffix of ['.index', '.timeindex'])
      for (const file of segmentFiles(folder, suffix)) truncateSync(file, 0);
  },
  zeroIndexes: (folder) => {
    for (const file of segmentFiles(folder, '.index')) writeFileSync(file, Buffer.alloc(8 * 40));
    for (const file of segmentFiles(folder, '.timeindex')) writeFileSync(file, Buffer.alloc(12 * 40));
  },
  randomSnapshots: (folder, random) => {
    for (const file of segmentFiles(folder, '.snapshot')) writeFileSync(file, random.bytes(70));
  },
  noSnapshots: (folder) => {
    for (const file of segmentFiles(folder, '.snapshot')) rmSync(file);
  },
  leftoverDeleted: (folder, random) => {
    for (const suffix of ['.log', '.index', '.timeindex']) {
      writeFileSync(`${folder}/${'0'.repeat(17)}003${suffix}.deleted`, random.bytes(300));
    }
  },
  leftoverCleaned: (folder) => {
    const log = segmentFiles(folder, '.log')[0]!;
    copyFileSync(log, `${log}.cleaned`);
    truncateSync(`${log}.cleaned`, 100);
    writeFileSync(log.replace(/\.log$/, '.index.cleaned'), '');
  },
  leftoverSwap: (folder) => {
    const log = segmentFiles(folder, '.log')[0]!;
    copyFileSync(log, `${log}.swap`);
  },
  strangeFiles: (folder) => {
    writeFileSync(`${folder}/notes.txt`, 'who put this here');
    writeFileSync(`${folder}/.hidden`, '');
  },
  nothing: () => {},
} satisfies Record<string, Damage>;
