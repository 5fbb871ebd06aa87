/**
 * Asks the share coordinators of other brokers: one batch per broker and kind of request in flight, all that waits in the next one, a request for
 * each group.
 *
 * A request that fails is answered NETWORK_EXCEPTION for all its partitions, which has the persister try again with the coordinator of that moment.
 * Source: org.apache.kafka.server.share.persister.PersisterStateManager (KIP-932).
 */
import type { Logger } from '@skarab/base';
import {
  refuseShareStateRequest,
  type SharePartitionRequest,
  type SharePartitionResult,
  type ShareStateRequest,
  type ShareStateRequestKind,
  type ShareStateResponse,
} from '@skarab/coordinator';
import { ErrorCode } from '@skarab/protocol';
import { BatchPerBroker } from '../channel/batch-per-broker.ts';
import type { BrokerPeers } from '../channel/broker-peers.ts';
import { shareStateApis } from './share-state-apis.ts';
import { type ShareStateKey, shareStateRequestOf } from './share-state-request.ts';

/** What is asked about one share partition. */
interface Question<K extends ShareStateRequestKind> extends ShareStateKey {
  readonly asked: SharePartitionRequest<K>;
}

/** Asks a broker about one share partition. Never rejects. */
export type AskShareState = <K extends ShareStateRequestKind>(
  brokerId: number,
  kind: K,
  key: ShareStateKey,
  asked: SharePartitionRequest<K>,
) => Promise<SharePartitionResult<K>>;

/** The way to the share coordinators of other brokers. */
export function remoteShareState(peers: Pick<BrokerPeers, 'send'>, logger: Logger): AskShareState {
  const ways: { [K in ShareStateRequestKind]: Way<K> } = {
    initialize: wayOf('initialize', peers, logger),
    read: wayOf('read', peers, logger),
    write: wayOf('write', peers, logger),
    delete: wayOf('delete', peers, logger),
    readSummary: wayOf('readSummary', peers, logger),
  };
  return (brokerId, kind, { groupId, topicId }, asked) => ways[kind].submit(brokerId, { groupId, topicId, asked });
}

type Way<K extends ShareStateRequestKind> = BatchPerBroker<Question<K>, SharePartitionResult<K>>;

function wayOf<K extends ShareStateRequestKind>(kind: K, peers: Pick<BrokerPeers, 'send'>, logger: Logger): Way<K> {
  const send = async (brokerId: number, request: ShareStateRequest<K>): Promise<ShareStateResponse<K>> => {
    try {
      return await peers.send(brokerId, shareStateApis[kind], request);
    } catch (error) {
      logger.debug({ brokerId, error: String(error) }, 'cannot ask a share coordinator');
      return refuseShareStateRequest(kind, request, ErrorCode.NETWORK_EXCEPTION);
    }
  };
  return new BatchPerBroker({
    keyOf: ({ groupId, topicId, asked }) => `${groupId} ${topicId} ${asked.partition}`,
    send: async (brokerId, questions) => {
      const groups = Map.groupBy(questions, ({ groupId }) => groupId);
      const answers = new Map<Question<K>, SharePartitionResult<K>>();
      const askGroup = async (groupId: string, ofGroup: readonly Question<K>[]): Promise<void> => {
        const response = await send(brokerId, requestOf(groupId, ofGroup));
        for (const question of ofGroup) answers.set(question, answerIn(kind, response, question));
      };
      await Promise.all([...groups].map(([groupId, ofGroup]) => askGroup(groupId, ofGroup)));
      return questions.map((question) => answers.get(question)!);
    },
  });
}

function requestOf<K extends ShareStateRequestKind>(
  groupId: string,
  questions: readonly Question<K>[],
): ShareStateRequest<K> {
  const topics = [...Map.groupBy(questions, ({ topicId }) => topicId)].map(([topicId, ofTopic]) => ({
    topicId,
    partitions: ofTopic.map(({ asked }) => asked),
  }));
  return { groupId, topics } as unknown as ShareStateRequest<K>;
}

/** What is not in the answer is tried again. */
function answerIn<K extends ShareStateRequestKind>(
  kind: K,
  { results }: ShareStateResponse<K>,
  question: Question<K>,
): SharePartitionResult<K> {
  const { topicId, asked } = question;
  const found = results
    .find((result) => result.topicId === topicId)
    ?.partitions.find(({ partition }) => partition === asked.partition);
  if (found !== undefined) return found as SharePartitionResult<K>;
  const refused = refuseShareStateRequest(kind, shareStateRequestOf(question, asked), ErrorCode.NETWORK_EXCEPTION);
  return refused.results[0]!.partitions[0]! as SharePartitionResult<K>;
}
