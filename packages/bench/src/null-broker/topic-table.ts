/**
 * What the null broker remembers: names, ids and partition counts of topics, and per topic one batch to answer fetches with.
 */
import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { randomUuid, type Uuid } from '@skarab/base';

export interface NullTopic {
  readonly name: string;
  readonly topicId: Uuid;
  readonly numPartitions: number;
  /** The largest batch produced so far: what every fetch gets, again and again. */
  sample: Buffer | undefined;
  sampleRecords: number;
}

const LAST_OFFSET_DELTA = 23;

export class TopicTable {
  readonly #byName = new Map<string, NullTopic>();
  readonly #byId = new Map<Uuid, NullTopic>();

  get all(): NullTopic[] {
    return [...this.#byName.values()];
  }

  find(name: string | null, topicId: Uuid): NullTopic | undefined {
    return this.#byId.get(topicId) ?? this.#byName.get(name ?? '');
  }

  /** The topic, made when it is not there. */
  create(name: string, numPartitions: number): NullTopic {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const topic = {
      name,
      topicId: randomUuid((length) => randomBytes(length)),
      numPartitions,
      sample: undefined,
      sampleRecords: 0,
    };
    this.#byName.set(name, topic);
    this.#byId.set(topic.topicId, topic);
    return topic;
  }

  delete(name: string): boolean {
    const topic = this.#byName.get(name);
    if (topic === undefined) return false;
    this.#byId.delete(topic.topicId);
    return this.#byName.delete(name);
  }
}

/** Looks at a produced batch; keeps a copy when it is the largest so far, which soon is never again. */
export function keepSample(topic: NullTopic, batch: Uint8Array): void {
  if (batch.byteLength <= (topic.sample?.length ?? 0)) return;
  topic.sample = Buffer.from(batch);
  topic.sampleRecords = topic.sample.readInt32BE(LAST_OFFSET_DELTA) + 1;
}
