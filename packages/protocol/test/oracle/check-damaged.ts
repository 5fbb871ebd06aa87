/**
 * Damaged messages, read by both sides: what Kafka refuses we refuse, what both read has the same bytes when written again.
 *
 * We may refuse what Kafka reads: tags out of order, values that do not fill their tagged field, lengths of 32 bits.
 */
import { strict as assert } from 'node:assert';
import { Buffer } from 'node:buffer';
import type { Random } from '@skarab/base';
import { ProtocolError } from '../../src/wire/errors.ts';
import { Reader } from '../../src/wire/reader.ts';
import { Writer } from '../../src/wire/writer.ts';
import type { Sample } from '../fuzz/corpus.ts';
import { mutate } from '../fuzz/mutate.ts';
import type { CodecOracle } from './codec-oracle.ts';
import type { Subject } from './subjects.ts';

/** Outcomes of a run. */
export interface DamageReport {
  /** Read by both sides, with equal results. */
  equal: number;
  refused: number;
  /** Refused by us alone. */
  stricter: number;
}

/** Compares `count` damaged messages. Errors: rejects at the first that we read and Kafka does not, or read differently. */
export async function checkDamaged(
  corpus: readonly Sample[],
  subjects: readonly Subject[],
  oracle: CodecOracle,
  random: Random,
  count: number,
): Promise<DamageReport> {
  const classes = new Map(subjects.map(({ schema, javaClass }) => [schema.name, javaClass]));
  const report: DamageReport = { equal: 0, refused: 0, stricter: 0 };
  const one = async (): Promise<void> => {
    const sample = corpus[random.int(corpus.length)]!;
    const input = mutate(sample.bytes, random);
    const where = `${sample.name} ${sample.version} ${input.toString('hex')}`;
    const ours = readAndWrite(sample, input);
    const theirs = await oracle.decode(classes.get(sample.name)!, sample.version, input).catch((error: Error) => error);
    if (ours === null) {
      report[theirs instanceof Error ? 'refused' : 'stricter']++;
      return;
    }
    // Kafka reads the highest tag but cannot write it.
    if (theirs instanceof Error && theirs.message.includes('as an undefined tag')) return;
    assert.ok(!(theirs instanceof Error), `${where}: Kafka refuses it: ${theirs}`);
    assert.equal(ours.toString('hex'), theirs.bytes.toString('hex'), where);
    report.equal++;
  };
  for (let done = 0; done < count; done += 500) {
    await Promise.all(Array.from({ length: Math.min(500, count - done) }, one));
  }
  return report;
}

/** The message written again, or null where we refuse it. */
function readAndWrite({ codec, version }: Sample, input: Uint8Array): Buffer | null {
  try {
    const reader = new Reader(input);
    const message = codec.decode(reader, version);
    reader.expectEnd();
    const writer = new Writer();
    codec.encode(writer, message, version);
    return Buffer.from(writer.toBytes());
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}
