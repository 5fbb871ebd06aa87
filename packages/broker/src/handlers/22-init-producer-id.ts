/**
 * InitProducerId (22), versions 0-5 (6 is unstable): a producer id for an idempotent producer, or the next epoch for a transactional one.
 *
 * v2 flexible; v3 KIP-360 current id and epoch; v4 PRODUCER_FENCED; v6 KIP-939 two-phase commit, behind transaction.two.phase.commit.enable (keeping a prepared
 * transaction is answered UNSUPPORTED_VERSION, as in Kafka 4.3). ACLs: WRITE on the transactional id, with two-phase commit TWO_PHASE_COMMIT too; IDEMPOTENT_WRITE
 * on the cluster without one.
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
import type { TransactionCoordinatorHost } from '../coordinator/transaction-coordinator-host.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import type { RequestContext } from '../dispatch/request-context.ts';

const NO_ID = -1n;
const NO_EPOCH = -1;
const PRODUCER_FENCED_VERSION = 4;

export function initProducerIdHandler(
  producerIds: ProducerIds,
  transactions: TransactionCoordinatorHost,
): ApiHandler<InitProducerIdRequest, InitProducerIdResponse> {
  return {
    apiKey: ApiKey.INIT_PRODUCER_ID,
    decode: decodeInitProducerIdRequest,
    encode: encodeInitProducerIdResponse,
    handle: async (context, request) => {
      const { transactionalId, producerId, producerEpoch } = request;
      const refusal = refusalTo(context, request);
      if (refusal !== ErrorCode.NONE) return refuse(refusal);
      if ((producerId === NO_ID) !== (producerEpoch === NO_EPOCH)) return refuse(ErrorCode.INVALID_REQUEST);
      if (transactionalId === null)
        return newInitProducerIdResponse({ producerId: BigInt(await producerIds.next()), producerEpoch: 0 });
      const result = await transactions.send('initProducerId', {
        transactionalId,
        timeoutMs: request.transactionTimeoutMs,
        expected: producerId === NO_ID ? null : { producerId: Number(producerId), producerEpoch },
        enableTwoPhaseCommit: request.enable2Pc,
        keepPreparedTransaction: request.keepPreparedTxn,
      });
      const isForOld = result.errorCode === ErrorCode.PRODUCER_FENCED && context.apiVersion < PRODUCER_FENCED_VERSION;
      return newInitProducerIdResponse({
        errorCode: isForOld ? ErrorCode.INVALID_PRODUCER_EPOCH : result.errorCode,
        producerId: BigInt(result.producerId),
        producerEpoch: result.producerEpoch,
      });
    },
    failure: (_request, errorCode) => refuse(errorCode),
  };
}

function refuse(errorCode: number): InitProducerIdResponse {
  return newInitProducerIdResponse({ errorCode, producerId: NO_ID, producerEpoch: NO_EPOCH });
}

function refusalTo(context: RequestContext, { transactionalId, enable2Pc }: InitProducerIdRequest): ErrorCode {
  if (transactionalId === null) {
    const mayWrite = context.mayDoToCluster('IDEMPOTENT_WRITE') || context.mayDoToAny('WRITE', 'TOPIC');
    return mayWrite ? ErrorCode.NONE : ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
  }
  const isAllowed =
    context.mayDo('WRITE', 'TRANSACTIONAL_ID', transactionalId) &&
    (!enable2Pc || context.mayDo('TWO_PHASE_COMMIT', 'TRANSACTIONAL_ID', transactionalId));
  return isAllowed ? ErrorCode.NONE : ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
}
