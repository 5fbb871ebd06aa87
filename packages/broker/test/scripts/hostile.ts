/**
 * Requests that are no requests: cut off at every byte, with bytes too many, with lengths that lie.
 *
 * What is recorded is what becomes of the connection: `closed`, or `answered`.
 */
import {
  ApiKey,
  newCreatableTopic,
  newCreatableTopicConfig,
  newCreateTopicsRequest,
  newFindCoordinatorRequest,
  newJoinGroupRequest,
  newJoinGroupRequestProtocol,
  newListOffsetsPartition,
  newListOffsetsRequest,
  newListOffsetsTopic,
  newMetadataRequest,
  newMetadataRequestTopic,
} from '@skarab/protocol';
import { RawClient } from '../../../../tools/raw-client/raw-client.ts';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { batch, fetch, makeTopic, produce } from './messages.ts';

const TOPIC = 'hostile';
const ANSWER_MS = 3_000;
const PARALLEL = 8;

const requests: readonly (readonly [string, number, number, () => object])[] = [
  ['Metadata v4', ApiKey.METADATA, 4, () => newMetadataRequest({ topics: [newMetadataRequestTopic({ name: TOPIC })] })],
  [
    'Metadata v12',
    ApiKey.METADATA,
    12,
    () => newMetadataRequest({ topics: [newMetadataRequestTopic({ name: TOPIC })] }),
  ],
  ['Produce v8', ApiKey.PRODUCE, 8, () => produce({ topic: TOPIC, records: batch(['a']) })],
  ['Produce v12', ApiKey.PRODUCE, 12, () => produce({ topic: TOPIC, records: batch(['a']) })],
  ['Fetch v11', ApiKey.FETCH, 11, () => fetch({ topic: TOPIC })],
  ['Fetch v12', ApiKey.FETCH, 12, () => fetch({ topic: TOPIC })],
  [
    'ListOffsets v7',
    ApiKey.LIST_OFFSETS,
    7,
    () =>
      newListOffsetsRequest({
        topics: [newListOffsetsTopic({ name: TOPIC, partitions: [newListOffsetsPartition({ timestamp: -1n })] })],
      }),
  ],
  [
    'CreateTopics v6, validate only',
    ApiKey.CREATE_TOPICS,
    6,
    () =>
      newCreateTopicsRequest({
        timeoutMs: 5_000,
        validateOnly: true,
        topics: [
          newCreatableTopic({
            name: 'hostile-never',
            numPartitions: 1,
            replicationFactor: 1,
            configs: [newCreatableTopicConfig({ name: 'retention.ms', value: '1' })],
          }),
        ],
      }),
  ],
  ['FindCoordinator v4', ApiKey.FIND_COORDINATOR, 4, () => newFindCoordinatorRequest({ coordinatorKeys: ['hostile'] })],
  [
    'JoinGroup v5',
    ApiKey.JOIN_GROUP,
    5,
    () =>
      newJoinGroupRequest({
        groupId: 'hostile',
        sessionTimeoutMs: 10_000,
        rebalanceTimeoutMs: 10_000,
        protocolType: 'consumer',
        protocols: [newJoinGroupRequestProtocol({ name: 'range', metadata: Buffer.from('meta') })],
      }),
  ],
];

/** What becomes of a connection that sends these bytes as a frame. */
async function outcomeOf(port: number, frame: Uint8Array): Promise<string> {
  const client = await RawClient.connect(port);
  const length = Buffer.alloc(4);
  length.writeInt32BE(frame.byteLength, 0);
  const answered = client.answerTo(1, 'a hostile frame', ANSWER_MS).then(
    () => 'answered',
    (error: Error) => (error.name === 'ConnectionClosed' ? 'closed' : 'neither closed nor answered'),
  );
  client.write(Buffer.concat([length, frame]));
  const outcome = await answered;
  client.close();
  return outcome;
}

/** Runs of the same outcome, as `first–last: outcome`. */
async function outcomes(port: number, frames: readonly Uint8Array[]): Promise<string[]> {
  const found: string[] = [];
  for (let i = 0; i < frames.length; i += PARALLEL) {
    found.push(...(await Promise.all(frames.slice(i, i + PARALLEL).map((frame) => outcomeOf(port, frame)))));
  }
  const runs: string[] = [];
  for (let i = 0; i < found.length; ) {
    const first = i;
    while (i < found.length && found[i] === found[first]) i++;
    runs.push(first === i - 1 ? `${first}: ${found[first]}` : `${first}–${i - 1}: ${found[first]}`);
  }
  return runs;
}

async function hostile(r: Recorder, port: number): Promise<void> {
  await makeTopic(r, TOPIC);
  const codec = await r.client();
  for (const [title, apiKey, version, request] of requests) {
    const whole = codec.encode(apiKey, version, request()).bytes.subarray(4);
    whole.writeInt32BE(1, 4);
    const cuts = Array.from({ length: whole.length }, (_, length) => whole.subarray(0, length));
    r.note(`${title}, cut off behind byte`, await outcomes(port, cuts));
    r.note(`${title}, with bytes too many`, await outcomes(port, [whole, Buffer.concat([whole, Buffer.alloc(9, 7)])]));
  }
}

/** The number of topics of a Metadata request, which stands behind the header, says more than there is. */
async function lyingLengths(r: Recorder, port: number): Promise<void> {
  const codec = await r.client();
  const [, apiKey, version, request] = requests[0]!;
  const whole = codec.encode(apiKey, version, request()).bytes.subarray(4);
  whole.writeInt32BE(1, 4);
  const countAt = 10 + whole.readInt16BE(8);
  const nameAt = countAt + 4;
  const changed = (change: (frame: Buffer) => void): Buffer => {
    const frame = Buffer.from(whole);
    change(frame);
    return frame;
  };
  const frames: Readonly<Record<string, Buffer>> = {
    'two topics where one is': changed((frame) => frame.writeInt32BE(2, countAt)),
    'two thousand million topics': changed((frame) => frame.writeInt32BE(0x7fffffff, countAt)),
    'minus two topics': changed((frame) => frame.writeInt32BE(-2, countAt)),
    'a name of 30000 bytes': changed((frame) => frame.writeInt16BE(30_000, nameAt)),
    'a name of minus one bytes': changed((frame) => frame.writeInt16BE(-1, nameAt)),
    'a name of minus two bytes': changed((frame) => frame.writeInt16BE(-2, nameAt)),
    'a name that is no UTF-8': changed((frame) => frame.fill(0xff, nameAt + 2, nameAt + 2 + TOPIC.length)),
    'a client id longer than the frame': changed((frame) => frame.writeInt16BE(500, 8)),
    'a client id of minus two bytes': changed((frame) => frame.writeInt16BE(-2, 8)),
  };
  for (const [title, frame] of Object.entries(frames)) r.note(title, await outcomeOf(port, frame));
}

export const hostileScript: Script = {
  name: 'hostile',
  run: async (r, { port }) => {
    await hostile(r, port);
    await lyingLengths(r, port);
  },
};
