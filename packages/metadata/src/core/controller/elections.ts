/**
 * Decides about leader elections: those that users ask for, and those that the controller does by itself now and then.
 *
 * Source: org.apache.kafka.controller.ReplicationControlManager (electLeaders, maybeBalancePartitionLeaders, maybeElectUncleanLeaders);
 * KIP-460.
 */
import {
  type ElectLeadersRequest,
  type ElectLeadersResponse,
  type ElectLeadersResponsePartitionResult,
  ErrorCode,
  newElectLeadersResponse,
  newElectLeadersResponsePartitionResult,
} from '@skarab/protocol';
import type { TopicIdPartition, TopicImage } from '../image/topics-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import { hasPreferredLeader, NO_LEADER } from '../registration/partition-registration.ts';
import type { ConfigurationControl } from './configuration-control.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decide, defaultMessage, type ErrorValue, failure, refuse } from './decision.ts';
import type { Leadership } from './leadership.ts';

/** Numbers of election types in ElectLeaders. */
export const ElectionType = { PREFERRED: 0, UNCLEAN: 1 } as const;

/** Most elections of one periodic run; the next run goes on. */
const MAX_ELECTIONS = 1000;

/** Decider of elections. */
export class Elections {
  readonly #state: ControllerState;
  readonly #configuration: ConfigurationControl;
  readonly #leadership: Leadership;

  constructor(state: ControllerState, configuration: ConfigurationControl, leadership: Leadership) {
    this.#state = state;
    this.#configuration = configuration;
    this.#leadership = leadership;
  }

  /** Elects leaders for the partitions named, or for all. */
  electLeaders(request: ElectLeadersRequest): Decision<ElectLeadersResponse> {
    const { electionType, topicPartitions } = request;
    if (electionType !== ElectionType.PREFERRED && electionType !== ElectionType.UNCLEAN) {
      return refuse(ErrorCode.INVALID_REQUEST, `Unknown election type ${electionType}`);
    }
    const records: MetadataRecord[] = [];
    const replicaElectionResults = [...(topicPartitions ?? this.#all())].map(({ topic, partitions }) => {
      const results = partitions.map((id) => electionResult(id, this.#elect(topic, id, electionType, records)));
      // Of all partitions only those are reported that had an election, or should have had one.
      const isNews = (r: { errorCode: number }): boolean => r.errorCode !== ErrorCode.ELECTION_NOT_NEEDED;
      return { topic, partitionResult: topicPartitions === null ? results.filter(isNews) : results };
    });
    return decide(records, newElectLeadersResponse({ replicaElectionResults }));
  }

  /** Gives partitions back to their preferred leaders; the response says whether there is more to do. */
  balanceLeaders(): Decision<boolean> {
    return this.#electSome(this.#state.index.imbalanced, (topic, partition) =>
      this.#leadership.change(topic, partition, { election: 'preferred' }),
    );
  }

  /** Elects leaders for leaderless partitions whose topics would rather lose records; the response says whether there is more to do. */
  electUncleanly(): Decision<boolean> {
    return this.#electSome(this.#state.index.led.get(NO_LEADER), (topic, partition) => {
      if (!this.#configuration.isUncleanElectionEnabled(topic.name)) return null;
      return this.#leadership.change(topic, partition, { election: 'unclean' });
    });
  }

  #electSome(
    partitions: Iterable<TopicIdPartition>,
    elect: (topic: TopicImage, partition: number) => MetadataRecord | null,
  ): Decision<boolean> {
    const records: MetadataRecord[] = [];
    for (const { topicId, partition } of partitions) {
      const record = elect(this.#state.image.topics.byId.get(topicId)!, partition);
      if (record !== null) records.push(record);
      if (records.length >= MAX_ELECTIONS) return decide(records, true);
    }
    return decide(records, false);
  }

  *#all(): Generator<{ readonly topic: string; readonly partitions: number[] }> {
    for (const { name, partitions } of this.#state.image.topics.byName.values()) {
      yield { topic: name, partitions: [...partitions.keys()] };
    }
  }

  #elect(topicName: string, partitionId: number, electionType: number, records: MetadataRecord[]): ErrorValue {
    const topic = this.#state.image.topics.byName.get(topicName);
    if (topic === undefined) return failure(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `No such topic as ${topicName}`);
    const partition = topic.partitions[partitionId];
    if (partition === undefined) {
      const message = `No such partition as ${topicName}-${partitionId}`;
      return failure(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message);
    }
    const isPreferred = electionType === ElectionType.PREFERRED;
    if (isPreferred ? hasPreferredLeader(partition) : partition.leader !== NO_LEADER) {
      return standard(ErrorCode.ELECTION_NOT_NEEDED);
    }
    const record = this.#leadership.change(topic, partitionId, { election: isPreferred ? 'preferred' : 'unclean' });
    if (record === null) {
      return standard(
        isPreferred ? ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE : ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE,
      );
    }
    records.push(record);
    return failure(ErrorCode.NONE);
  }
}

function standard(code: ErrorCode): ErrorValue {
  return failure(code, defaultMessage(code));
}

function electionResult(partitionId: number, error: ErrorValue): ElectLeadersResponsePartitionResult {
  return newElectLeadersResponsePartitionResult({ partitionId, errorCode: error.code, errorMessage: error.message });
}
