/**
 * InitProducerId (22), versions 0-5 (6 is unstable): a producer id for an idempotent producer.
 *
 * v2 flexible; v3 KIP-360 current id and epoch; v4 PRODUCER_FENCED. Transactional producers need the transaction coordinator, which is not
 * there yet: a transactional id is answered COORDINATOR_NOT_AVAILABLE. ACLs: IDEMPOTENT_WRITE on the cluster.
 */
import {
  ApiKey,
  decodeInitProducerIdRequest,
  ErrorCode,
  encodeInitProducerIdResponse,
  type InitProducerIdRequest,
  type InitProducerIdResponse,
  newInitProducerIdResponse,
} from '@skarab/protocol';
import type { ProducerIds } from '../controller/producer-ids.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';

const NO_ID = -1n;
const NO_EPOCH = -1;

export function initProducerIdHandler(
  producerIds: ProducerIds,
): ApiHandler<InitProducerIdRequest, InitProducerIdResponse> {
  const refuse = (errorCode: number): InitProducerIdResponse =>
    newInitProducerIdResponse({ errorCode, producerId: NO_ID, producerEpoch: NO_EPOCH });
  return {
    apiKey: ApiKey.INIT_PRODUCER_ID,
    decode: decodeInitProducerIdRequest,
    encode: encodeInitProducerIdResponse,
    handle: async (context, request) => {
      const { transactionalId, producerId, producerEpoch } = request;
      if (transactionalId !== null) {
        if (transactionalId === '') return refuse(ErrorCode.INVALID_REQUEST);
        return refuse(ErrorCode.COORDINATOR_NOT_AVAILABLE);
      }
      if (!context.mayDoToCluster('IDEMPOTENT_WRITE')) return refuse(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      if ((producerId === NO_ID) !== (producerEpoch === NO_EPOCH)) return refuse(ErrorCode.INVALID_REQUEST);
      return newInitProducerIdResponse({ producerId: BigInt(await producerIds.next()), producerEpoch: 0 });
    },
    failure: (_request, errorCode) => refuse(errorCode),
  };
}
