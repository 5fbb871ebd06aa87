/**
 * Names for what chance decides, so that two controllers can be compared: topics by their names, other ids by the order in which they
 * appear. Lists are sorted, since the JVM keeps many of them in hash tables.
 */
import { isUuid, type Uuid, ZERO_UUID } from '@skarab/base';
import type { CreateTopicsResponse } from '@skarab/protocol';
import { committedBatch } from '@skarab/raft';
import { iterateBatches } from '@skarab/records';
import { decodeMetadataRecord } from '../../src/core/record/serde.ts';

/** The id of a topic. */
export type TopicIds = (topic: string) => Uuid;

/** One controller's ids. */
export class Ids {
  readonly #topics = new Map<string, Uuid>();
  readonly #names = new Map<Uuid, string>();
  readonly #others = new Map<string, string>();

  learn({ topics }: CreateTopicsResponse): void {
    for (const { name, topicId } of topics) {
      if (topicId === ZERO_UUID) continue;
      this.#topics.set(name, topicId);
      this.#names.set(topicId, `<${name}>`);
    }
  }

  readonly of: TopicIds = (topic) => this.#topics.get(topic) ?? 'UNKNOWN000000000000000';

  /** A value as text, the same for both sides. */
  describe(value: unknown): string {
    const text = JSON.stringify(value, (key, item) => this.#plain(key, item));
    return [...this.#names].reduce((result, [id, name]) => result.replaceAll(id, name), text);
  }

  #plain(key: string, value: unknown): unknown {
    if (key === 'throttleTimeMs') return 0;
    if (typeof value === 'bigint') return `${value}n`;
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
      return [...value].sort((a, b) => (this.describe(a) < this.describe(b) ? -1 : 1));
    }
    return value;
  }

  /** As `describe`, with a number for every id that is not a topic's. */
  describeRecord(value: unknown): string {
    return this.describe(value).replaceAll(/"([^"]{22})"/g, (quoted, id: string) => {
      if (!isUuid(id) || id === ZERO_UUID) return quoted;
      const known = this.#others.get(id) ?? `id ${this.#others.size}`;
      this.#others.set(id, known);
      return `"${known}"`;
    });
  }
}

/** A line for each batch and record. */
export function describeLog(bytes: Uint8Array, ids: Ids): string[] {
  return [...iterateBatches(bytes)].flatMap((batch) => {
    const { baseOffset, lastOffset, epoch, values } = committedBatch(batch);
    const records = values.map((value) => ids.describeRecord(decodeMetadataRecord(value)));
    // Partitions that change together come in the order of their topics' ids.
    return [`${baseOffset}-${lastOffset} epoch ${epoch}`, ...records.sort()];
  });
}
