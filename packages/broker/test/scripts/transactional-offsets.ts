/**
 * AddOffsetsToTxn v0–v4 and TxnOffsetCommit v0–v5, and what readers of offsets see; part of the transactions script.
 */
import {
  ApiKey,
  type EndTxnResponse,
  type FindCoordinatorResponse,
  newFindCoordinatorRequest,
  newOffsetFetchRequest,
  newOffsetFetchRequestGroup,
  newOffsetFetchRequestTopics,
} from '@skarab/protocol';
import type { Recorder } from '../transcript/recorder.ts';
import { makeTopic } from './messages.ts';
import { addOffsets, commitOffset, end, settled, started } from './transaction-messages.ts';

const TOPIC = 'transactions-offsets';

function offsets(groupId: string, requireStable: boolean) {
  const topics = [newOffsetFetchRequestTopics({ name: TOPIC, partitionIndexes: [0, 1] })];
  return newOffsetFetchRequest({
    groups: [newOffsetFetchRequestGroup({ groupId, memberId: null, memberEpoch: -1, topics })],
    requireStable,
  });
}

/** Offsets within transactions, of old producers and of new ones. */
export async function transactionalOffsets(r: Recorder): Promise<void> {
  await makeTopic(r, TOPIC, { partitions: 2 });
  await r.prepare<FindCoordinatorResponse>(
    ApiKey.FIND_COORDINATOR,
    4,
    newFindCoordinatorRequest({ coordinatorKeys: ['txn-group'] }),
    ({ coordinators }) => coordinators[0]?.errorCode === 0,
  );
  await old(r);
  await recent(r);
}

async function old(r: Recorder): Promise<void> {
  const p = await started(r, 'txn-offsets-old');
  const group = 'txn-group';
  const [addApi, commitApi] = [ApiKey.ADD_OFFSETS_TO_TXN, ApiKey.TXN_OFFSET_COMMIT];
  await r.call('offsets before adding them', commitApi, [0, 4], commitOffset(p, group, [[TOPIC, 0, 5]]));
  await r.call('adding offsets', addApi, [0, 4], addOffsets(p, group));
  await r.call('adding offsets with an old epoch', addApi, [0, 4], addOffsets({ ...p, producerEpoch: -1 }, group));
  await r.call('adding offsets with an unknown id', addApi, 4, addOffsets({ ...p, producerId: 9999999n }, group));
  await r.call(
    'adding offsets to an unknown transactional id',
    addApi,
    4,
    addOffsets({ ...p, transactionalId: 'txn-none' }, group),
  );
  await r.call('offsets', commitApi, [0, 4], (version) => commitOffset(p, group, [[TOPIC, 0, 10 + version]]));
  await r.call(
    'offsets of unknown partitions',
    commitApi,
    3,
    commitOffset(p, group, [
      [TOPIC, 9, 1],
      ['transactions-none', 0, 1],
      [TOPIC, 1, 7],
    ]),
  );
  await r.call(
    'offsets with too much metadata',
    commitApi,
    3,
    commitOffset(p, group, [
      [TOPIC, 0, 1, 'x'.repeat(5000)],
      [TOPIC, 1, 8, 'fine'],
    ]),
  );
  await r.call('offsets of no group', commitApi, 3, commitOffset(p, '', [[TOPIC, 0, 1]]));
  await r.call(
    'offsets of an unknown generation',
    commitApi,
    3,
    commitOffset(p, group, [[TOPIC, 0, 1]], { generationId: 5, memberId: 'm' }),
  );
  await r.call(
    'offsets of a group that is not, with a generation',
    commitApi,
    3,
    commitOffset(p, 'txn-group-none', [[TOPIC, 0, 1]], { generationId: 5 }),
  );
  await r.call(
    'offsets with an old epoch',
    commitApi,
    [3, 5],
    commitOffset({ ...p, producerEpoch: -1 }, group, [[TOPIC, 0, 1]]),
  );
  await r.call('reading offsets of an open transaction', ApiKey.OFFSET_FETCH, 9, offsets(group, false));
  await r.call('reading stable offsets of an open transaction', ApiKey.OFFSET_FETCH, 9, offsets(group, true));
  await r.call('committing offsets', ApiKey.END_TXN, 4, end(p, true));
  await settled(r, p);
  await r.call('reading stable offsets', ApiKey.OFFSET_FETCH, 9, offsets(group, true));
  await r.prepare(addApi, 4, addOffsets(p, group));
  await r.prepare(commitApi, 3, commitOffset(p, group, [[TOPIC, 0, 99]]));
  await r.call('aborting offsets', ApiKey.END_TXN, 4, end(p, false));
  await settled(r, p);
  await r.call('reading offsets after an abort', ApiKey.OFFSET_FETCH, 9, offsets(group, true));
}

async function recent(r: Recorder): Promise<void> {
  const p = await started(r, 'txn-offsets-new');
  const group = 'txn-group-new';
  await r.call(
    'offsets of a new producer',
    ApiKey.TXN_OFFSET_COMMIT,
    5,
    commitOffset(p, group, [
      [TOPIC, 0, 41],
      [TOPIC, 1, 42],
    ]),
  );
  await r.call('stable offsets of a new producer', ApiKey.OFFSET_FETCH, 9, offsets(group, true));
  const { producerEpoch, producerId } = await r.call<EndTxnResponse>(
    'a new producer commits',
    ApiKey.END_TXN,
    5,
    end(p, true),
  );
  const next = { ...p, producerEpoch, producerId };
  await settled(r, p);
  await r.call('stable offsets once they are committed', ApiKey.OFFSET_FETCH, 9, offsets(group, true));
  await r.call('offsets with the epoch before', ApiKey.TXN_OFFSET_COMMIT, 5, commitOffset(p, group, [[TOPIC, 0, 50]]));
  await r.call(
    'offsets of the next transaction',
    ApiKey.TXN_OFFSET_COMMIT,
    5,
    commitOffset(next, group, [[TOPIC, 0, 51]]),
  );
  await r.call('a new producer aborts', ApiKey.END_TXN, 5, end(next, false));
  await settled(r, p);
  await r.call('stable offsets once the next is aborted', ApiKey.OFFSET_FETCH, 9, offsets(group, true));
}
