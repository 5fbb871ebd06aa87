/**
 * The codecs of the other two clients, by the files they are in: neither exports them.
 *
 * Produce: both build record batches inside their encoders, so a prepared batch is written with their own writers in their own layout.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const kafkajs = dirname(require.resolve('kafkajs/package.json'));
const platformatic = dirname(dirname(require.resolve('@platformatic/kafka')));

/** kafkajs: writes into one growing buffer. */
export interface KafkajsEncoder {
  readonly buffer: Buffer;
  writeInt16(value: number): KafkajsEncoder;
  writeInt32(value: number): KafkajsEncoder;
  writeString(value: string | null): KafkajsEncoder;
  writeBytes(value: Buffer): KafkajsEncoder;
  writeArray(items: readonly KafkajsEncoder[]): KafkajsEncoder;
}

type KafkajsRequest = (options: object) => { encode(): Promise<KafkajsEncoder> };
type KafkajsResponse = { decode(bytes: Buffer): Promise<unknown> };

const loadKafkajs = <T>(path: string): T => require(join(kafkajs, 'src/protocol', path)) as T;

/** kafkajs's codecs at its newest versions. */
export const kafkajsCodecs = {
  Encoder: loadKafkajs<new () => KafkajsEncoder>('encoder'),
  produceResponse7: loadKafkajs<KafkajsResponse>('requests/produce/v7/response'),
  fetchRequest11: loadKafkajs<KafkajsRequest>('requests/fetch/v11/request'),
  fetchResponse11: loadKafkajs<KafkajsResponse>('requests/fetch/v11/response'),
  metadataRequest6: loadKafkajs<KafkajsRequest>('requests/metadata/v6/request'),
  metadataResponse6: loadKafkajs<KafkajsResponse>('requests/metadata/v6/response'),
};

/** @platformatic/kafka: a list of buffers. */
export interface PlatformaticWriter {
  readonly buffer: Buffer;
  readonly buffers: Buffer[];
  append(bytes: Buffer): PlatformaticWriter;
  appendInt16(value: number): PlatformaticWriter;
  appendInt32(value: number): PlatformaticWriter;
  appendUnsignedVarInt(value: number): PlatformaticWriter;
  appendString(value: string | null): PlatformaticWriter;
  appendArray<T>(items: readonly T[], write: (writer: PlatformaticWriter, item: T) => void): PlatformaticWriter;
  appendTaggedFields(): PlatformaticWriter;
}

interface PlatformaticApi {
  createRequest(...args: unknown[]): PlatformaticWriter;
  parseResponse(correlationId: number, apiKey: number, apiVersion: number, reader: unknown): unknown;
}

const loadPlatformatic = async <T>(path: string): Promise<T> =>
  (await import(pathToFileURL(join(platformatic, 'dist', path)).href)) as T;

/** @platformatic/kafka's codecs at the versions that both sides have. */
export const platformaticCodecs = {
  Writer: (await loadPlatformatic<{ Writer: { create(): PlatformaticWriter } }>('protocol/writer.js')).Writer,
  Reader: (await loadPlatformatic<{ Reader: { from(bytes: Buffer): unknown } }>('protocol/reader.js')).Reader,
  produce9: await loadPlatformatic<PlatformaticApi>('apis/producer/produce-v9.js'),
  fetch13: await loadPlatformatic<PlatformaticApi>('apis/consumer/fetch-v13.js'),
  metadata12: await loadPlatformatic<PlatformaticApi>('apis/metadata/metadata-v12.js'),
};
