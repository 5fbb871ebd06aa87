/**
 * Takes the proposals of this broker's leaders to the controller: all that have come together in one request, one request at a time.
 *
 * A request that fails as a whole is repeated until the controller is there again; what it says about single partitions goes to them. One proposal per
 * partition at a time. Shape: host around a map. Source: org.apache.kafka.server.AlterPartitionManager (DefaultAlterPartitionManager); KIP-497.
 */
import type { Clock, Logger, Timer } from '@skarab/base';
import {
  type AlterPartitionRequest,
  type AlterPartitionResponse,
  ErrorCode,
  errorName,
  newAlterPartitionRequest,
  newAlterPartitionRequestPartitionData,
} from '@skarab/protocol';
import type { IsrAnswer, IsrProposal } from './isr-state.ts';

/** What a manager is made of. */
export interface AlterPartitionManagerOptions {
  readonly nodeId: number;
  readonly brokerEpoch: () => number;
  /** Rejects when the request fails as a whole. */
  readonly send: (request: AlterPartitionRequest) => Promise<AlterPartitionResponse>;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Item {
  readonly proposal: IsrProposal;
  readonly onAnswer: (answer: IsrAnswer) => void;
}

const RETRY_MS = 50;
/** `leaderRecoveryState`: leaders have nothing left to recover. */
const RECOVERED = 0;

export class AlterPartitionManager {
  readonly #options: AlterPartitionManagerOptions;
  readonly #unsent = new Map<string, Item>();
  #isSending = false;
  #isStopped = false;
  #retry: Timer | undefined;

  constructor(options: AlterPartitionManagerOptions) {
    this.#options = options;
  }

  /** Takes a proposal along; OPERATION_NOT_ATTEMPTED when the partition has one under way. */
  submit(proposal: IsrProposal, onAnswer: (answer: IsrAnswer) => void): void {
    const key = keyOf(proposal.topicId, proposal.partition);
    if (this.#unsent.has(key)) {
      this.#options.clock.soon(() => onAnswer({ errorCode: ErrorCode.OPERATION_NOT_ATTEMPTED }));
      return;
    }
    this.#unsent.set(key, { proposal, onAnswer });
    if (this.#isSending || this.#retry !== undefined) return;
    // What the others of this turn propose goes along.
    this.#isSending = true;
    this.#options.clock.soon(() => void this.#send());
  }

  /** Sends nothing more; what is under way is not answered. */
  stop(): void {
    this.#isStopped = true;
    this.#retry?.cancel();
  }

  async #send(): Promise<void> {
    const items = [...this.#unsent.values()];
    let errorCode: number;
    try {
      const response = await this.#options.send(this.#request(items));
      errorCode = response.errorCode;
      if (errorCode === ErrorCode.NONE && !this.#isStopped) this.#deliver(items, response);
    } catch (error) {
      errorCode = ErrorCode.NETWORK_EXCEPTION;
      this.#options.logger.debug({ error: String(error) }, 'cannot reach the controller with AlterPartition');
    }
    if (this.#isStopped) return;
    this.#isSending = false;
    if (errorCode !== ErrorCode.NONE) {
      if (errorCode !== ErrorCode.NETWORK_EXCEPTION)
        this.#options.logger.warn({ error: errorName(errorCode) }, 'the controller refuses AlterPartition');
      this.#retry = this.#options.clock.after(RETRY_MS, () => {
        this.#retry = undefined;
        this.#sendUnsent();
      });
    } else this.#sendUnsent();
  }

  #sendUnsent(): void {
    if (this.#isSending || this.#unsent.size === 0) return;
    this.#isSending = true;
    void this.#send();
  }

  #request(items: readonly Item[]): AlterPartitionRequest {
    const { nodeId, brokerEpoch } = this.#options;
    const request = newAlterPartitionRequest({ brokerId: nodeId, brokerEpoch: BigInt(brokerEpoch()) });
    for (const { proposal } of items) {
      let topic = request.topics.find(({ topicId }) => topicId === proposal.topicId);
      if (topic === undefined) {
        topic = { topicId: proposal.topicId, partitions: [] };
        request.topics.push(topic);
      }
      topic.partitions.push(
        newAlterPartitionRequestPartitionData({
          partitionIndex: proposal.partition,
          leaderEpoch: proposal.leaderEpoch,
          partitionEpoch: proposal.partitionEpoch,
          leaderRecoveryState: RECOVERED,
          newIsrWithEpochs: proposal.isr.map((member) => ({
            brokerId: member.brokerId,
            brokerEpoch: BigInt(member.brokerEpoch),
          })),
        }),
      );
    }
    return request;
  }

  /** Partitions that the response leaves out stay, and are sent again. */
  #deliver(items: readonly Item[], response: AlterPartitionResponse): void {
    const answers = new Map<string, IsrAnswer>();
    for (const { topicId, partitions } of response.topics) {
      for (const { partitionIndex, errorCode, leaderEpoch, partitionEpoch, isr } of partitions) {
        const answer =
          errorCode === ErrorCode.NONE ? { errorCode: 0 as const, leaderEpoch, partitionEpoch, isr } : { errorCode };
        answers.set(keyOf(topicId, partitionIndex), answer);
      }
    }
    for (const { proposal, onAnswer } of items) {
      const key = keyOf(proposal.topicId, proposal.partition);
      const answer = answers.get(key);
      if (answer === undefined) continue;
      // First, so that the answer may lead to the next proposal.
      this.#unsent.delete(key);
      onAnswer(answer);
    }
  }
}

function keyOf(topicId: string, partition: number): string {
  return `${topicId}\u0000${partition}`;
}
