/**
 * Reads the entries of a zip archive (a jar): central directory, stored and deflated entries. No zip64, no encryption.
 *
 * Source: PKWARE APPNOTE.
 */
import { readFileSync } from 'node:fs';
import { inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;

/** Text of every entry of the archive at `path` whose name is accepted, by entry name. */
export function readZip(path: string, accept: (name: string) => boolean): Map<string, string> {
  const bytes = readFileSync(path);
  const end = findEnd(bytes, path);
  const count = bytes.readUInt16LE(end + 10);
  const entries = new Map<string, string>();
  let position = bytes.readUInt32LE(end + 16);
  for (let i = 0; i < count; i++) {
    if (bytes.readUInt32LE(position) !== DIRECTORY_ENTRY) throw new Error(`${path}: damaged zip directory`);
    const nameLength = bytes.readUInt16LE(position + 28);
    const name = bytes.toString('utf8', position + 46, position + 46 + nameLength);
    if (accept(name)) entries.set(name, readEntry(bytes, position, `${path}!${name}`).toString('utf8'));
    position += 46 + nameLength + bytes.readUInt16LE(position + 30) + bytes.readUInt16LE(position + 32);
  }
  return entries;
}

function findEnd(bytes: Buffer, path: string): number {
  for (let position = bytes.length - 22; position >= 0; position--) {
    if (bytes.readUInt32LE(position) === END_OF_DIRECTORY) return position;
  }
  throw new Error(`${path}: not a zip archive`);
}

function readEntry(bytes: Buffer, directoryPosition: number, label: string): Buffer {
  const method = bytes.readUInt16LE(directoryPosition + 10);
  const compressedSize = bytes.readUInt32LE(directoryPosition + 20);
  const local = bytes.readUInt32LE(directoryPosition + 42);
  if (bytes.readUInt32LE(local) !== LOCAL_HEADER) throw new Error(`${label}: damaged zip entry`);
  const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
  const data = bytes.subarray(start, start + compressedSize);
  if (method === 0) return data;
  if (method === 8) return inflateRawSync(data);
  throw new Error(`${label}: unknown compression method ${method}`);
}
