import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '@skarab/base/testing';
import {
  ErrorCode,
  newPartitionProduceData,
  newProduceRequest,
  newTopicProduceData,
  type ProduceResponse,
} from '@skarab/protocol';
import { buildBatch } from '@skarab/records';
import type { RequestContext } from '../dispatch/request-context.ts';
import { OffsetWaits } from '../replica/offset-waits.ts';
import { Purgatory } from '../replica/purgatory.ts';
import { type ProduceParts, produceHandler } from './00-produce.ts';

test('whoever is answered that the time is over waits no more', async () => {
  const clock = new ManualClock(0);
  const replicated = new OffsetWaits();
  const partition = {
    append: () => ({ errorCode: 0, baseOffset: 0, nextOffset: 1, logAppendTimeMs: -1, logStartOffset: 0 }),
    whenAcknowledged: (_acks: number, offset: number, waiter: (errorCode: number) => void) =>
      replicated.add(offset, waiter),
  };
  const handler = produceHandler({
    metadata: { topic: () => ({ name: 't', partitions: [{}] }) },
    replicas: { get: () => partition },
    purgatory: new Purgatory(clock),
    quotas: { isEnabled: false },
  } as unknown as ProduceParts);
  const context = { apiVersion: 9, clientId: 'test', mayDo: () => true } as unknown as RequestContext;
  const records = buildBatch({ records: [{ key: null, value: Buffer.from('v'), timestamp: 1, headers: [] }] });
  const request = newProduceRequest({
    acks: -1,
    timeoutMs: 100,
    topicData: [newTopicProduceData({ name: 't', partitionData: [newPartitionProduceData({ index: 0, records })] })],
  });
  const answer = handler.handle(context, request) as Promise<ProduceResponse>;
  assert.equal(replicated.size, 1);
  clock.advance(100);
  const { responses } = await answer;
  assert.equal(responses[0]?.partitionResponses[0]?.errorCode, ErrorCode.REQUEST_TIMED_OUT);
  assert.equal(replicated.size, 0);
});
