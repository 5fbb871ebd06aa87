/**
 * Our side of java/RecordsOracle.java: the same dumps from our own readers, and the files that the two exchange.
 */
import { Buffer } from 'node:buffer';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { KafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import {
  type DecodedRecord,
  iterateBatches,
  type LegacyMessage,
  type RecordBatch,
  readMessageSet,
} from '../src/index.ts';

const javaFile = join(import.meta.dirname, 'java', 'RecordsOracle.java');

function bytesText(bytes: Uint8Array | null): string {
  return bytes === null ? 'null' : `${bytes.length}:${crc32(bytes).toString(16)}`;
}

function recordText(record: DecodedRecord): string {
  const { offset, timestamp, sequence, key, value } = record;
  const headers = record.headers.map((header) => ` ${bytesText(Buffer.from(header.key))}=${bytesText(header.value)}`);
  return `record ${offset} ${timestamp} ${sequence} ${bytesText(key)} ${bytesText(value)}${headers.join('')}`;
}

/** The header of a batch in a line, without what depends on how it was compressed. */
export function headerText(batch: RecordBatch): string {
  const { baseOffset, lastOffset, nextOffset, partitionLeaderEpoch, magic, compressionType, timestampType } = batch;
  const { isTransactional, isControlBatch, deleteHorizonMs, baseTimestamp, maxTimestamp, producerId } = batch;
  const { producerEpoch, baseSequence, lastSequence, recordCount } = batch;
  const fields = [
    ...[baseOffset, lastOffset, nextOffset, partitionLeaderEpoch, magic, compressionType, timestampType],
    ...[isTransactional, isControlBatch, deleteHorizonMs, baseTimestamp, maxTimestamp, producerId],
    ...[producerEpoch, baseSequence, lastSequence, recordCount],
  ];
  return `batch ${fields.map(String).join(' ')}`;
}

/** The records of a batch, a line each. */
export function recordLines(batch: RecordBatch): string[] {
  return [...batch.records()].map(recordText);
}

/** What `dump` prints for pieces of batches v2. */
export function dumpBatches(pieces: readonly Uint8Array[]): string[] {
  return pieces.flatMap((piece) => {
    const lines = ['piece'];
    for (const batch of iterateBatches(piece)) {
      batch.ensureValid();
      lines.push(`${headerText(batch)} ${batch.crc} ${batch.sizeInBytes}`, ...recordLines(batch));
    }
    return lines;
  });
}

/** What `dump` prints for message sets. */
export function dumpMessageSets(pieces: readonly Uint8Array[]): string[] {
  const line = ({ offset, timestamp, key, value }: LegacyMessage): string =>
    `record ${offset} ${timestamp} -1 ${bytesText(key)} ${bytesText(value)}`;
  return pieces.flatMap((piece) => ['piece', ...[...readMessageSet(piece)].map(line)]);
}

function joinPieces(pieces: readonly Uint8Array[]): Buffer {
  const sized = pieces.flatMap((piece) => {
    const size = Buffer.alloc(4);
    size.writeInt32BE(piece.length);
    return [size, piece];
  });
  return Buffer.concat(sized);
}

function splitPieces(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  for (let position = 0; position < bytes.length; ) {
    const end = position + 4 + bytes.readInt32BE(position);
    pieces.push(bytes.subarray(position + 4, end));
    position = end;
  }
  return pieces;
}

/** Kafka's record classes, one JVM a question. */
export class RecordsOracle {
  private readonly jvm: KafkaJvm;
  private readonly classes: string;
  private readonly folder: string;

  private constructor(jvm: KafkaJvm, classes: string, folder: string) {
    this.jvm = jvm;
    this.classes = classes;
    this.folder = folder;
  }

  static async open(jvm: KafkaJvm): Promise<RecordsOracle> {
    const classes = await jvm.compile(javaFile);
    return new RecordsOracle(jvm, classes, await mkdtemp(join(tmpdir(), 'records-oracle-')));
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Kafka's dump of pieces of ours. */
  async dump(pieces: readonly Uint8Array[]): Promise<string[]> {
    await writeFile(this.path('in'), joinPieces(pieces));
    await this.run('dump', this.path('in'), this.path('out'));
    return this.lines();
  }

  /** Pieces of Kafka's, and its dump of them. */
  async pieces(mode: 'write' | 'legacy' | 'control', seed?: number): Promise<{ pieces: Buffer[]; dump: string[] }> {
    const args = seed === undefined ? [] : [String(seed)];
    await this.run(mode, ...args, this.path('pieces'), this.path('out'));
    return { pieces: splitPieces(await readFile(this.path('pieces'))), dump: await this.lines() };
  }

  /** What LogValidator makes of these appends. */
  async validate(cases: readonly object[]): Promise<string[]> {
    await writeFile(this.path('cases'), JSON.stringify(cases));
    await this.run('validate', this.path('cases'), this.path('out'));
    return this.lines();
  }

  private path(name: string): string {
    return join(this.folder, name);
  }

  private async lines(): Promise<string[]> {
    const text = await readFile(this.path('out'), 'utf8');
    return text.split('\n').slice(0, -1);
  }

  private async run(...args: string[]): Promise<void> {
    const { code, stderr } = await this.jvm.runClass('RecordsOracle', args, { classes: this.classes });
    if (code !== 0) throw new Error(`RecordsOracle ${args.join(' ')}: ${stderr}`);
  }
}
