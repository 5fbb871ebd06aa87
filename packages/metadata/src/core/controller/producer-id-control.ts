/**
 * Decides about AllocateProducerIds: brokers get blocks of ids to hand out to producers.
 *
 * Source: org.apache.kafka.controller.ProducerIdControlManager; KIP-730.
 */
import {
  type AllocateProducerIdsRequest,
  type AllocateProducerIdsResponse,
  newAllocateProducerIdsResponse,
} from '@skarab/protocol';
import { nextProducerIdRecord } from '../image/metadata-image.ts';
import { toNumber } from '../int64.ts';
import type { ClusterControl } from './cluster-control.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decide } from './decision.ts';

/** Ids in a block. */
export const PRODUCER_ID_BLOCK_SIZE = 1000;

/** Gives a broker the next block. */
export function allocateProducerIds(
  state: ControllerState,
  cluster: ClusterControl,
  request: AllocateProducerIdsRequest,
): Decision<AllocateProducerIdsResponse> {
  const { brokerId, brokerEpoch } = request;
  const stale = cluster.reasonStaleEpoch(brokerId, brokerEpoch);
  if (stale !== null) return { ok: false, error: stale };
  const first = Math.max(state.image.producerIds.nextProducerId, 0);
  const record = nextProducerIdRecord(first + PRODUCER_ID_BLOCK_SIZE, brokerId, toNumber(brokerEpoch));
  const response = newAllocateProducerIdsResponse({
    producerIdStart: BigInt(first),
    producerIdLen: PRODUCER_ID_BLOCK_SIZE,
  });
  return decide([record], response);
}
