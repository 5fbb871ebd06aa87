/**
 * Topics that the tests of this folder make.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  ApiKey,
  type CreateTopicsResponse,
  ErrorCode,
  errorName,
  type FindCoordinatorResponse,
  newCreatableTopic,
  newCreatableTopicConfig,
  newCreateTopicsRequest,
  newFindCoordinatorRequest,
} from '@skarab/protocol';
import { waitForTopics } from '../tools/raw-client/brokers.ts';
import type { RawClient } from '../tools/raw-client/raw-client.ts';

export interface TopicPlan {
  readonly name: string;
  readonly partitions: number;
  readonly configs?: Readonly<Record<string, string>>;
}

/** Makes topics and waits until they are led. */
export async function createTopics(client: RawClient, plans: readonly TopicPlan[]): Promise<void> {
  const request = newCreateTopicsRequest({
    timeoutMs: 10_000,
    topics: plans.map(({ name, partitions, configs = {} }) =>
      newCreatableTopic({
        name,
        numPartitions: partitions,
        replicationFactor: 1,
        configs: Object.entries(configs).map(([key, value]) => newCreatableTopicConfig({ name: key, value })),
      }),
    ),
  });
  const { topics } = await client.call<CreateTopicsResponse>(ApiKey.CREATE_TOPICS, 7, request);
  for (const { name, errorCode, errorMessage } of topics) {
    if (errorCode !== ErrorCode.NONE) throw new Error(`create ${name}: ${errorName(errorCode)} ${errorMessage ?? ''}`);
  }
  await waitForTopics(client, Object.fromEntries(plans.map(({ name, partitions }) => [name, partitions])));
}

/** Waits until groups have a coordinator, which makes the topic of committed offsets. */
export async function waitForCoordinator(client: RawClient, group: string): Promise<void> {
  for (;;) {
    const request = newFindCoordinatorRequest({ coordinatorKeys: [group] });
    const { coordinators } = await client.call<FindCoordinatorResponse>(ApiKey.FIND_COORDINATOR, 4, request);
    if (coordinators[0]?.errorCode === ErrorCode.NONE) return;
    await sleep(50);
  }
}
