/**
 * Decides about DeleteTopics: topics named by name or by id, in one request, each at most once.
 *
 * What the caller may not see is answered like what does not exist, and results come in random order, so that neither text nor place tells.
 * Source: kafka.server.ControllerApis, org.apache.kafka.controller.ReplicationControlManager (deleteTopics); KIP-516, KIP-599.
 */
import { type Random, type Uuid, ZERO_UUID } from '@skarab/base';
import {
  type DeletableTopicResult,
  type DeleteTopicsRequest,
  type DeleteTopicsResponse,
  ErrorCode,
  newDeletableTopicResult,
  newDeleteTopicsResponse,
  newRemoveTopicRecord,
} from '@skarab/protocol';
import type { TopicImage } from '../image/topics-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decideAtomically, defaultMessage, type ErrorValue, failure, refuse } from './decision.ts';
import type { ControllerRequestContext, DeleteTopicsAccess } from './request-context.ts';

/** From which version of DeleteTopics on a broker that deletes nothing says so with a code of its own. */
const DELETION_DISABLED_VERSION = 3;

/** Decider of topics' ends. */
export class TopicDeletion {
  readonly #state: ControllerState;
  readonly #random: Random;
  readonly #isEnabled: boolean;

  /** `isEnabled`: delete.topic.enable of the node. */
  constructor(state: ControllerState, random: Random, isEnabled: boolean) {
    this.#state = state;
    this.#random = random;
    this.#isEnabled = isEnabled;
  }

  /** Deletes what can be deleted. */
  deleteTopics(
    context: ControllerRequestContext,
    request: DeleteTopicsRequest,
    access: DeleteTopicsAccess,
  ): Decision<DeleteTopicsResponse> {
    if (!this.#isEnabled) {
      return context.requestVersion < DELETION_DISABLED_VERSION
        ? refuse(ErrorCode.INVALID_REQUEST, 'This version does not support topic deletion.')
        : refuse(ErrorCode.TOPIC_DELETION_DISABLED);
    }
    const results: DeletableTopicResult[] = [];
    const records: MetadataRecord[] = [];
    for (const topic of this.#resolve(request, access, results)) {
      const throttleMs = context.chargePartitionMutations?.(topic.partitions.length) ?? null;
      const error = failure(throttleMs === null ? ErrorCode.NONE : ErrorCode.THROTTLING_QUOTA_EXCEEDED);
      if (throttleMs === null) {
        records.push({ type: 'RemoveTopicRecord', version: 0, data: newRemoveTopicRecord({ topicId: topic.id }) });
      }
      results.push(result(topic.name, topic.id, error));
    }
    const responses = this.#shuffled(results);
    return decideAtomically(records, newDeleteTopicsResponse({ responses }));
  }

  /** The topics to delete; adds a result for every other one that was asked for. */
  #resolve(
    request: DeleteTopicsRequest,
    access: DeleteTopicsAccess,
    results: DeletableTopicResult[],
  ): Iterable<TopicImage> {
    const { names, ids } = collect(request, results);
    const { topics } = this.#state.image;
    const found = new Map<Uuid, TopicImage>();
    for (const id of ids) {
      const topic = topics.byId.get(id);
      if (topic === undefined) results.push(result(null, id, standard(ErrorCode.UNKNOWN_TOPIC_ID)));
      else if (access.mayDelete(topic.name)) found.set(id, topic);
      else {
        const name = access.mayDescribe(topic.name) ? topic.name : null;
        results.push(result(name, id, standard(ErrorCode.TOPIC_AUTHORIZATION_FAILED)));
      }
    }
    for (const name of names) {
      const topic = topics.byName.get(name);
      if (!access.mayDescribe(name)) {
        results.push(result(name, ZERO_UUID, standard(ErrorCode.TOPIC_AUTHORIZATION_FAILED)));
      } else if (topic === undefined) {
        results.push(result(name, ZERO_UUID, standard(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)));
      } else if (!access.mayDelete(name)) {
        results.push(result(name, ZERO_UUID, standard(ErrorCode.TOPIC_AUTHORIZATION_FAILED)));
      } else if (found.has(topic.id)) {
        found.delete(topic.id);
        results.push(invalid(name, topic.id, 'The provided topic name maps to an ID that was already supplied.'));
      } else found.set(topic.id, topic);
    }
    return found.values();
  }

  #shuffled(results: DeletableTopicResult[]): DeletableTopicResult[] {
    for (let i = results.length - 1; i > 0; i--) {
      const j = this.#random.int(i + 1);
      [results[i], results[j]] = [results[j]!, results[i]!];
    }
    return results;
  }
}

/** Names and ids that were asked for exactly once; adds a result for what makes no sense. */
function collect(
  request: DeleteTopicsRequest,
  results: DeletableTopicResult[],
): { readonly names: Iterable<string>; readonly ids: Iterable<Uuid> } {
  const names = new OnceOnly();
  const ids = new OnceOnly();
  for (const name of request.topicNames) names.add(name);
  for (const { name, topicId } of request.topics) {
    if (name !== null && topicId !== ZERO_UUID) {
      results.push(invalid(name, topicId, 'You may not specify both topic name and topic id.'));
    } else if (name !== null) names.add(name);
    else if (topicId !== ZERO_UUID) ids.add(topicId);
    else results.push(invalid(null, ZERO_UUID, 'Neither topic name nor id were specified.'));
  }
  for (const name of names.repeated) results.push(invalid(name, ZERO_UUID, 'Duplicate topic name.'));
  for (const id of ids.repeated) results.push(invalid(null, id, 'Duplicate topic id.'));
  return { names: names.single, ids: ids.single };
}

/** Texts that occurred once, and those that occurred more often. */
class OnceOnly {
  readonly single = new Set<string>();
  readonly repeated = new Set<string>();

  add(text: string): void {
    if (this.repeated.has(text)) return;
    if (!this.single.delete(text)) this.single.add(text);
    else this.repeated.add(text);
  }
}

function standard(code: ErrorCode): ErrorValue {
  return failure(code, defaultMessage(code));
}

function invalid(name: string | null, topicId: Uuid, message: string): DeletableTopicResult {
  return result(name, topicId, failure(ErrorCode.INVALID_REQUEST, message));
}

function result(name: string | null, topicId: Uuid, error: ErrorValue): DeletableTopicResult {
  return newDeletableTopicResult({ name, topicId, errorCode: error.code, errorMessage: error.message });
}
