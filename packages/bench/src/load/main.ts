/**
 * The raw load generator as a process, asked by lines like the Java driver (see process/line-process.ts):
 *
 *   raw-produce bootstrap=HOST:PORT topic=NAME partitions=12 size=65536 connections=1 window=8 seconds=5 acks=-1 [requests=N]
 *   raw-fetch   … batches=N: of batches in each partition, written by raw-produce with the same size
 *
 * Runs against any Kafka. One process: on more than two cores a broker with several threads can be faster than it.
 */
import { createInterface } from 'node:readline';
import { parseAddress } from '../wire/address.ts';
import { fetch, produce } from '../wire/api.ts';
import { awaitLed } from '../wire/topics.ts';
import { WireClient } from '../wire/wire-client.ts';
import { type LoadMarks, type RawLoadOptions, type RawLoadResult, rawFetch, rawProduce } from './raw-load.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const marks: LoadMarks = { onBegin: () => say('BEGIN'), onEnd: () => say('END') };

/** The options of a line with their defaults. */
class Words {
  readonly #values: ReadonlyMap<string, string>;

  constructor(words: readonly string[]) {
    this.#values = new Map(words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]));
  }

  text(key: string): string {
    const value = this.#values.get(key);
    if (value === undefined) throw new Error(`missing option ${key}`);
    return value;
  }

  number(key: string, fallback: number): number {
    const value = Number(this.#values.get(key) ?? fallback);
    if (Number.isNaN(value)) throw new Error(`not a number: ${key}`);
    return value;
  }
}

async function run(request: string, words: Words): Promise<RawLoadResult> {
  const isProduce = request === 'raw-produce';
  if (!isProduce && request !== 'raw-fetch') throw new Error(`no load named ${request}`);
  const options = await optionsOf(words, isProduce ? produce.key : fetch.key);
  return isProduce
    ? rawProduce(options, words.number('acks', -1), marks)
    : rawFetch(options, words.number('batches', 1), marks);
}

/** Looks up the topic and the version, and reads the rest from the words. */
async function optionsOf(words: Words, apiKey: number): Promise<RawLoadOptions> {
  const address = parseAddress(words.text('bootstrap'));
  const partitions = words.number('partitions', 12);
  const client = await WireClient.connect(address);
  try {
    return {
      address,
      topic: await awaitLed(client, words.text('topic'), partitions),
      partitions,
      size: words.number('size', 65_536),
      connections: words.number('connections', 1),
      window: words.number('window', 8),
      seconds: words.number('seconds', 5),
      requests: words.number('requests', Number.POSITIVE_INFINITY),
      version: client.versionOf(apiKey),
    };
  } finally {
    client.close();
  }
}

function asJson({ requests, bytes, seconds, latencies }: RawLoadResult): string {
  const [p50Ms, p99Ms, p999Ms, maxMs] = [0.5, 0.99, 0.999, 1].map((quantile) => latencies.at(quantile));
  return JSON.stringify({ requests, bytes, seconds, p50Ms, p99Ms, p999Ms, maxMs });
}

say('READY');
for await (const line of createInterface(process.stdin)) {
  const [request = '', ...words] = line.trim().split(/\s+/);
  try {
    say(`RESULT ${asJson(await run(request, new Words(words)))}`);
  } catch (error) {
    say(`ERROR ${(error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ')}`);
  }
}
