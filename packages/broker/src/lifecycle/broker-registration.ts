/**
 * What a broker says of itself when it comes: who it is, where it listens, what it supports, and which log directories it has.
 *
 * Source: KIP-631, KIP-858, kafka.server.BrokerLifecycleManager.
 */
import type { Uuid } from '@skarab/base';
import type { BrokerConfig } from '@skarab/config';
import type { LogManager } from '@skarab/log';
import { type RegisteredEndpoint, supportedFeatureRanges } from '@skarab/metadata';
import {
  type BrokerRegistrationRequest,
  newBrokerRegistrationRequest,
  newBrokerRegistrationRequestFeature,
  newBrokerRegistrationRequestListener,
} from '@skarab/protocol';

/** What it is made of. */
export interface BrokerIdentity {
  readonly config: BrokerConfig;
  readonly clusterId: string;
  /** Another one in each life of the broker. */
  readonly incarnationId: Uuid;
  /** Advertised, with the ports that were really bound. */
  readonly listeners: readonly RegisteredEndpoint[];
  readonly logs: Pick<LogManager, 'directoryIds' | 'previousBrokerEpoch'>;
}

export function brokerRegistration(identity: BrokerIdentity): BrokerRegistrationRequest {
  const { config, clusterId, incarnationId, listeners, logs } = identity;
  return newBrokerRegistrationRequest({
    brokerId: config.nodeId,
    clusterId,
    incarnationId,
    listeners: listeners.map((listener) => newBrokerRegistrationRequestListener({ ...listener })),
    features: [...supportedFeatureRanges()].map(([name, { min, max }]) =>
      newBrokerRegistrationRequestFeature({ name, minSupportedVersion: min, maxSupportedVersion: max }),
    ),
    rack: config.get('broker.rack'),
    logDirs: logs.directoryIds(),
    previousBrokerEpoch: BigInt(logs.previousBrokerEpoch ?? -1),
  });
}
