/**
 * Takes out of a response what differs from run to run, so that two brokers' answers can be compared whole: ids are numbered in the
 * order in which they appear, times of today become `<now>`, record bytes become their batches.
 *
 * An id keeps its number for the whole script: two fields that show the same number held the same id.
 */
import { ZERO_UUID } from '@skarab/base';
import { iterateBatches, type RecordBatch } from '@skarab/records';
import { Placeholder } from './render.ts';

/** Time of the records of scripts: recent enough not to expire, and far from now. */
export const T0 = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000;

const NEAR_MS = 2 * 3_600_000;

/** Fields that hold an id, by what kind of id that is. */
const ID_FIELDS: Readonly<Record<string, string>> = {
  topicId: 'topic',
  replicaDirectoryId: 'directory',
  voterDirectoryId: 'directory',
  producerId: 'producer',
  sessionId: 'session',
  memberId: 'member',
  leader: 'member',
};

/** Fields whose value is an accident of the run. */
const VOLATILE_FIELDS: Readonly<Record<string, string>> = {
  port: 'port',
  totalBytes: 'bytes',
  usableBytes: 'bytes',
  finalizedFeaturesEpoch: 'epoch',
  lastFetchTimestamp: 'time',
  lastCaughtUpTimestamp: 'time',
};

/** Lists that come in the order of a Java hash table, by the field that tells their elements apart. */
const UNORDERED_LISTS: Readonly<Record<string, string>> = {
  configs: 'name',
  supportedFeatures: 'name',
  finalizedFeatures: 'name',
  replicaElectionResults: 'topic',
};

/** Texts of Kafka's own that are not ours to keep. */
const HIDDEN_TEXTS: ReadonlySet<string> = new Set(['documentation']);

export class Normaliser {
  readonly #numbers = new Map<string, Placeholder>();
  readonly #counts = new Map<string, number>();
  readonly #texts: readonly (readonly [string, string])[];

  /** `texts`: parts of strings to put a name in place of, such as folders. */
  constructor(texts: readonly (readonly [string, string])[]) {
    this.#texts = texts;
  }

  normalise(value: unknown, field = ''): unknown {
    if (typeof value === 'bigint' || typeof value === 'number') return this.#number(value, field);
    if (typeof value === 'string') return this.#text(value, field);
    if (value instanceof Uint8Array) return field === 'records' ? this.#batches(value) : bytes(value);
    if (Array.isArray(value)) return inOrder(value, field).map((item) => this.normalise(item, field));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, this.normalise(inner, name)]));
  }

  #number(value: bigint | number, field: string): unknown {
    const plain = Number(value);
    if (VOLATILE_FIELDS[field] !== undefined && plain > 0) return new Placeholder(`<${VOLATILE_FIELDS[field]}>`);
    const kind = ID_FIELDS[field];
    if (kind !== undefined && typeof value !== 'string' && plain >= 0 && field !== 'leader') {
      return field === 'sessionId' && plain === 0 ? 0 : this.#numbered(kind, String(value));
    }
    if (plain >= T0 && plain < T0 + 1000) return new Placeholder(`T0+${plain - T0}`);
    if (Math.abs(plain - Date.now()) < NEAR_MS) return new Placeholder('<now>');
    return plain;
  }

  #text(value: string, field: string): unknown {
    const kind = ID_FIELDS[field];
    if (HIDDEN_TEXTS.has(field) && value !== '') return new Placeholder(`<${field}>`);
    if (value === ZERO_UUID) return new Placeholder('<none>');
    if (kind !== undefined && value !== '') return this.#numbered(kind, value);
    let text = value.replace(/\b1[6-9]\d{11}\b|-922337\d{13}\b/g, '<ms>');
    for (const [from, to] of this.#texts) text = text.replaceAll(from, to);
    for (const [key, placeholder] of this.#numbers) {
      const id = key.slice(key.indexOf(' ') + 1);
      if (id.length >= 20) text = text.replaceAll(id, placeholder.text);
    }
    return text;
  }

  #numbered(kind: string, id: string): Placeholder {
    const key = `${kind} ${id}`;
    let placeholder = this.#numbers.get(key);
    if (placeholder === undefined) {
      const number = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, number);
      placeholder = new Placeholder(`<${kind} ${number}>`);
      this.#numbers.set(key, placeholder);
    }
    return placeholder;
  }

  /** Whole batches as values, and how many bytes of a cut one are behind them. */
  #batches(payload: Uint8Array): unknown {
    const shown: unknown[] = [];
    let size = 0;
    for (const batch of iterateBatches(payload)) {
      shown.push(this.#batch(batch));
      size += batch.sizeInBytes;
    }
    if (size < payload.byteLength) shown.push(new Placeholder('<part of a batch>'));
    return shown;
  }

  #batch(batch: RecordBatch): unknown {
    return {
      offsets: new Placeholder(`${batch.baseOffset}..${batch.lastOffset}`),
      epoch: batch.partitionLeaderEpoch,
      magic: batch.magic,
      crc: batch.isValidCrc() ? 'ok' : 'wrong',
      compression: batch.compressionType,
      time: batch.timestampType,
      maxTimestamp: this.normalise(batch.maxTimestamp),
      ...(batch.hasProducerId && {
        producerId: this.normalise(batch.producerId, 'producerId'),
        producerEpoch: batch.producerEpoch,
        baseSequence: batch.baseSequence,
        isTransactional: batch.isTransactional,
      }),
      ...(batch.isControlBatch && { isControlBatch: true }),
      records: [...batch.records()].map((record) => ({
        offset: record.offset,
        timestamp: this.normalise(record.timestamp),
        key: record.key === null ? null : bytes(record.key),
        value: record.value === null ? null : bytes(record.value),
        ...(record.headers.length > 0 && {
          headers: record.headers.map(({ key, value }) => [key, value === null ? null : bytes(value)]),
        }),
      })),
    };
  }
}

function inOrder(items: readonly unknown[], field: string): readonly unknown[] {
  const key = UNORDERED_LISTS[field];
  if (key === undefined) return items;
  const nameOf = (item: unknown): string => String((item as Record<string, unknown>)[key]);
  return [...items].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

const MAX_SHOWN_BYTES = 60;

/** Bytes as text when they are, else as hexadecimal digits; long ones by their length. */
function bytes(value: Uint8Array): unknown {
  if (value.byteLength > MAX_SHOWN_BYTES) return new Placeholder(`<${value.byteLength} bytes>`);
  const text = Buffer.from(value).toString('latin1');
  return /^[\x20-\x7e]*$/.test(text) ? text : `0x${Buffer.from(value).toString('hex')}`;
}
