/**
 * Metadata v0–v13 and DescribeTopicPartitions: all, some, none; unknown topics by name and id; creation on demand; bad names.
 */
import {
  ApiKey,
  type MetadataResponse,
  newDescribeTopicPartitionsRequest,
  newDescribeTopicPartitionsRequestCursor,
  newDescribeTopicPartitionsRequestTopicRequest,
  newMetadataRequest,
  newMetadataRequestTopic,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import type { Script } from '../transcript/script.ts';
import { makeTopic } from './messages.ts';

const UNKNOWN_ID = 'dW5rbm93bi10b3BpYy1pZA';

const named = (...names: string[]) => names.map((name) => newMetadataRequestTopic({ name }));

const one =
  (name: string, allowAutoTopicCreation = true) =>
  (version: number) =>
    newMetadataRequest({ topics: named(name), allowAutoTopicCreation: version < 4 || allowAutoTopicCreation });

/** All topics, but for those of other scripts and of the broker's own. */
const own = (response: MetadataResponse): unknown => ({
  ...response,
  topics: response.topics.filter(({ name }) => name?.startsWith('metadata-')),
});

async function metadata(r: Recorder): Promise<void> {
  const topicId = await makeTopic(r, 'metadata-a', { partitions: 2 });
  const api = ApiKey.METADATA;
  await r.call('one topic', api, [0, 13], one('metadata-a', false));
  await r.call('all topics (v0: empty list)', api, 0, newMetadataRequest({ topics: [] }), { show: own });
  await r.call('all topics (null)', api, [1, 13], newMetadataRequest({ topics: null }), { show: own });
  await r.call('no topics', api, [1, 13], newMetadataRequest({ topics: [] }));
  await r.call('authorized operations', api, [8, 13], (version) =>
    newMetadataRequest({
      topics: named('metadata-a'),
      includeTopicAuthorizedOperations: true,
      includeClusterAuthorizedOperations: version <= 10,
    }),
  );
  await r.call(
    'a topic by id',
    api,
    [12, 13],
    newMetadataRequest({ topics: [newMetadataRequestTopic({ name: null, topicId })] }),
  );
  await r.call(
    'a topic by id and name',
    api,
    12,
    newMetadataRequest({ topics: [newMetadataRequestTopic({ name: 'metadata-a', topicId })] }),
  );
  await r.call(
    'an unknown id',
    api,
    [12, 13],
    newMetadataRequest({ topics: [newMetadataRequestTopic({ name: null, topicId: UNKNOWN_ID })] }),
  );
  await r.call(
    'neither id nor name',
    api,
    12,
    newMetadataRequest({ topics: [newMetadataRequestTopic({ name: null })] }),
  );
  await r.call(
    'an id before v12',
    api,
    [10, 11],
    newMetadataRequest({ topics: [newMetadataRequestTopic({ name: null, topicId })] }),
  );
  await r.call('an unknown topic, no creation', api, [4, 13], one('metadata-absent', false));
  await r.call('the same topic twice', api, 12, newMetadataRequest({ topics: named('metadata-a', 'metadata-a') }));
  const both = newMetadataRequest({ topics: named('metadata-absent', 'metadata-a'), allowAutoTopicCreation: false });
  await r.call<MetadataResponse>('known and unknown', api, 12, both, {
    show: ({ topics }) => topics.sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1)),
  });
  for (const name of [
    '',
    '.',
    '..',
    'metadata/slash',
    'metadata space',
    'metadata-ü',
    'x'.repeat(249),
    'x'.repeat(250),
  ]) {
    await r.call(
      `bad or long name ${name.length > 20 ? `of ${name.length} letters` : JSON.stringify(name)}`,
      api,
      12,
      one(name, false),
    );
  }
  await r.call('bad name with creation', api, 12, one('metadata/slash'));
  await r.call('creation on demand, first answer', api, 12, one('metadata-new'));
  await r.call<MetadataResponse>('creation on demand, in the end', api, 12, one('metadata-new'), {
    until: ({ topics }) => topics[0]?.errorCode === 0 && topics[0].partitions[0]?.errorCode === 0,
  });
  await r.call<MetadataResponse>('creation on demand by v0', api, 0, one('metadata-new-v0'), {
    until: ({ topics }) => topics[0]?.errorCode === 0 && topics[0].partitions[0]?.errorCode === 0,
  });
  await makeTopic(r, 'metadata.dots');
  await r.call('creation of a name that collides with another, first answer', api, 12, one('metadata_dots'));
  await r.call('creation of a name that collides with another, again', api, 12, one('metadata_dots'));
}

async function describeTopicPartitions(r: Recorder): Promise<void> {
  await makeTopic(r, 'metadata-b', { partitions: 3 });
  const api = ApiKey.DESCRIBE_TOPIC_PARTITIONS;
  const topics = (...names: string[]) => names.map((name) => newDescribeTopicPartitionsRequestTopicRequest({ name }));
  const describe = (names: string[], limit = 2000, cursor: readonly [string, number] | null = null) =>
    newDescribeTopicPartitionsRequest({
      topics: topics(...names),
      responsePartitionLimit: limit,
      cursor:
        cursor === null
          ? null
          : newDescribeTopicPartitionsRequestCursor({ topicName: cursor[0], partitionIndex: cursor[1] }),
    });
  await r.call('partitions of a topic', api, 0, describe(['metadata-b']));
  await r.call('partitions of unknown and bad names', api, 0, describe(['metadata-none', 'metadata/slash']));
  await r.call('topics are sorted', api, 0, describe(['metadata-b', 'metadata-a']));
  await r.call('a limit within a topic', api, 0, describe(['metadata-a', 'metadata-b'], 3));
  await r.call('a limit at the end of a topic', api, 0, describe(['metadata-a', 'metadata-b'], 2));
  await r.call('a limit of zero', api, 0, describe(['metadata-a'], 0));
  await r.call('from a cursor', api, 0, describe(['metadata-a', 'metadata-b'], 2, ['metadata-b', 1]));
  await r.call('from a cursor behind the last partition', api, 0, describe(['metadata-b'], 2, ['metadata-b', 9]));
  await r.call('from a cursor with a negative partition', api, 0, describe(['metadata-b'], 2, ['metadata-b', -1]));
  await r.call('from a cursor whose topic is gone', api, 0, describe(['metadata-b'], 2, ['metadata-aa', 0]));
}

export const metadataScript: Script = {
  name: 'metadata',
  run: async (r) => {
    await metadata(r);
    await describeTopicPartitions(r);
  },
};
