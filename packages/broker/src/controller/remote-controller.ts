/**
 * The controller in another process: what a broker asks for itself goes there as it is, what its clients ask goes in an envelope with
 * the client's principal, in the client's version of the API.
 *
 * The predicates of `ControllerApi` are not asked here: the active controller authorizes. Source: KIP-590, kafka.server.ForwardingManager.
 */
import { isIPv4 } from 'node:net';
import type { ControllerApi, ControllerRequestContext } from '@skarab/metadata';
import type { ClientApi } from '@skarab/network';
import {
  ApiError,
  ApiKey,
  decodeAddRaftVoterResponse,
  decodeAllocateProducerIdsResponse,
  decodeAlterClientQuotasResponse,
  decodeAlterConfigsResponse,
  decodeAlterPartitionReassignmentsResponse,
  decodeAlterPartitionResponse,
  decodeAlterUserScramCredentialsResponse,
  decodeAssignReplicasToDirsResponse,
  decodeBrokerHeartbeatResponse,
  decodeBrokerRegistrationResponse,
  decodeControllerRegistrationResponse,
  decodeCreateAclsResponse,
  decodeCreateDelegationTokenResponse,
  decodeCreatePartitionsResponse,
  decodeCreateTopicsResponse,
  decodeDeleteAclsResponse,
  decodeDeleteTopicsResponse,
  decodeDescribeQuorumResponse,
  decodeElectLeadersResponse,
  decodeEnvelopeResponse,
  decodeExpireDelegationTokenResponse,
  decodeIncrementalAlterConfigsResponse,
  decodeListPartitionReassignmentsResponse,
  decodeRemoveRaftVoterResponse,
  decodeRenewDelegationTokenResponse,
  decodeResponseFrame,
  decodeUnregisterBrokerResponse,
  decodeUpdateFeaturesResponse,
  ErrorCode,
  encodeAddRaftVoterRequest,
  encodeAllocateProducerIdsRequest,
  encodeAlterClientQuotasRequest,
  encodeAlterConfigsRequest,
  encodeAlterPartitionReassignmentsRequest,
  encodeAlterPartitionRequest,
  encodeAlterUserScramCredentialsRequest,
  encodeAssignReplicasToDirsRequest,
  encodeBrokerHeartbeatRequest,
  encodeBrokerRegistrationRequest,
  encodeControllerRegistrationRequest,
  encodeCreateAclsRequest,
  encodeCreateDelegationTokenRequest,
  encodeCreatePartitionsRequest,
  encodeCreateTopicsRequest,
  encodeDeleteAclsRequest,
  encodeDeleteTopicsRequest,
  encodeDescribeQuorumRequest,
  encodeElectLeadersRequest,
  encodeEnvelopeRequest,
  encodeExpireDelegationTokenRequest,
  encodeIncrementalAlterConfigsRequest,
  encodeListPartitionReassignmentsRequest,
  encodeRemoveRaftVoterRequest,
  encodeRenewDelegationTokenRequest,
  encodeRequestFrame,
  encodeUnregisterBrokerRequest,
  encodeUpdateFeaturesRequest,
  newEnvelopeRequest,
} from '@skarab/protocol';
import { ANONYMOUS, encodePrincipal } from '@skarab/security';
import type { ControllerChannel, ControllerChannels } from './controller-channel.ts';

type Call<Request, Response> = (context: ControllerRequestContext, request: Request) => Promise<Response>;

const LENGTH_BYTES = 4;
const ENVELOPE = { apiKey: ApiKey.ENVELOPE, encode: encodeEnvelopeRequest, decode: decodeEnvelopeResponse };

/** A controller behind channels. */
export function remoteController({ lifecycle, replicas, forwarding }: ControllerChannels): ControllerApi {
  const direct =
    <Request, Response extends { readonly errorCode?: number }>(
      channel: ControllerChannel,
      apiKey: number,
      encode: ClientApi<Request, Response>['encode'],
      decode: ClientApi<Request, Response>['decode'],
    ): Call<Request, Response> =>
    (_context, request) =>
      channel.call({ apiKey, encode, decode }, request);
  const enveloped =
    <Request, Response>(
      apiKey: number,
      encode: ClientApi<Request, Response>['encode'],
      decode: ClientApi<Request, Response>['decode'],
    ): Call<Request, Response> =>
    (context, request) =>
      callInEnvelope(forwarding, { apiKey, encode, decode }, context, request);
  return {
    registerBroker: direct(
      lifecycle,
      ApiKey.BROKER_REGISTRATION,
      encodeBrokerRegistrationRequest,
      decodeBrokerRegistrationResponse,
    ),
    processBrokerHeartbeat: direct(
      lifecycle,
      ApiKey.BROKER_HEARTBEAT,
      encodeBrokerHeartbeatRequest,
      decodeBrokerHeartbeatResponse,
    ),
    registerController: direct(
      lifecycle,
      ApiKey.CONTROLLER_REGISTRATION,
      encodeControllerRegistrationRequest,
      decodeControllerRegistrationResponse,
    ),
    alterPartition: direct(replicas, ApiKey.ALTER_PARTITION, encodeAlterPartitionRequest, decodeAlterPartitionResponse),
    assignReplicasToDirs: direct(
      replicas,
      ApiKey.ASSIGN_REPLICAS_TO_DIRS,
      encodeAssignReplicasToDirsRequest,
      decodeAssignReplicasToDirsResponse,
    ),
    allocateProducerIds: direct(
      replicas,
      ApiKey.ALLOCATE_PRODUCER_IDS,
      encodeAllocateProducerIdsRequest,
      decodeAllocateProducerIdsResponse,
    ),
    createTopics: enveloped(ApiKey.CREATE_TOPICS, encodeCreateTopicsRequest, decodeCreateTopicsResponse),
    deleteTopics: enveloped(ApiKey.DELETE_TOPICS, encodeDeleteTopicsRequest, decodeDeleteTopicsResponse),
    createPartitions: enveloped(
      ApiKey.CREATE_PARTITIONS,
      encodeCreatePartitionsRequest,
      decodeCreatePartitionsResponse,
    ),
    alterConfigs: enveloped(ApiKey.ALTER_CONFIGS, encodeAlterConfigsRequest, decodeAlterConfigsResponse),
    incrementalAlterConfigs: enveloped(
      ApiKey.INCREMENTAL_ALTER_CONFIGS,
      encodeIncrementalAlterConfigsRequest,
      decodeIncrementalAlterConfigsResponse,
    ),
    unregisterBroker: enveloped(
      ApiKey.UNREGISTER_BROKER,
      encodeUnregisterBrokerRequest,
      decodeUnregisterBrokerResponse,
    ),
    electLeaders: enveloped(ApiKey.ELECT_LEADERS, encodeElectLeadersRequest, decodeElectLeadersResponse),
    alterPartitionReassignments: enveloped(
      ApiKey.ALTER_PARTITION_REASSIGNMENTS,
      encodeAlterPartitionReassignmentsRequest,
      decodeAlterPartitionReassignmentsResponse,
    ),
    listPartitionReassignments: enveloped(
      ApiKey.LIST_PARTITION_REASSIGNMENTS,
      encodeListPartitionReassignmentsRequest,
      decodeListPartitionReassignmentsResponse,
    ),
    updateFeatures: enveloped(ApiKey.UPDATE_FEATURES, encodeUpdateFeaturesRequest, decodeUpdateFeaturesResponse),
    alterClientQuotas: enveloped(
      ApiKey.ALTER_CLIENT_QUOTAS,
      encodeAlterClientQuotasRequest,
      decodeAlterClientQuotasResponse,
    ),
    createAcls: enveloped(ApiKey.CREATE_ACLS, encodeCreateAclsRequest, decodeCreateAclsResponse),
    deleteAcls: enveloped(ApiKey.DELETE_ACLS, encodeDeleteAclsRequest, decodeDeleteAclsResponse),
    alterUserScramCredentials: enveloped(
      ApiKey.ALTER_USER_SCRAM_CREDENTIALS,
      encodeAlterUserScramCredentialsRequest,
      decodeAlterUserScramCredentialsResponse,
    ),
    createDelegationToken: enveloped(
      ApiKey.CREATE_DELEGATION_TOKEN,
      encodeCreateDelegationTokenRequest,
      decodeCreateDelegationTokenResponse,
    ),
    renewDelegationToken: enveloped(
      ApiKey.RENEW_DELEGATION_TOKEN,
      encodeRenewDelegationTokenRequest,
      decodeRenewDelegationTokenResponse,
    ),
    expireDelegationToken: enveloped(
      ApiKey.EXPIRE_DELEGATION_TOKEN,
      encodeExpireDelegationTokenRequest,
      decodeExpireDelegationTokenResponse,
    ),
    describeQuorum: enveloped(ApiKey.DESCRIBE_QUORUM, encodeDescribeQuorumRequest, decodeDescribeQuorumResponse),
    addRaftVoter: enveloped(ApiKey.ADD_RAFT_VOTER, encodeAddRaftVoterRequest, decodeAddRaftVoterResponse),
    removeRaftVoter: enveloped(ApiKey.REMOVE_RAFT_VOTER, encodeRemoveRaftVoterRequest, decodeRemoveRaftVoterResponse),
  };
}

async function callInEnvelope<Request, Response>(
  channel: ControllerChannel,
  { apiKey, encode, decode }: ClientApi<Request, Response>,
  { requestVersion, origin }: ControllerRequestContext,
  request: Request,
): Promise<Response> {
  const header = {
    requestApiKey: apiKey,
    requestApiVersion: requestVersion,
    correlationId: 0,
    clientId: origin?.clientId ?? null,
  };
  const frame = Buffer.concat(encodeRequestFrame(header, encode, request) as Uint8Array[]);
  const envelope = newEnvelopeRequest({
    requestData: frame.subarray(LENGTH_BYTES),
    requestPrincipal: encodePrincipal(origin?.principal ?? ANONYMOUS),
    clientHostAddress: addressBytes(origin?.host ?? '127.0.0.1'),
  });
  const { errorCode, responseData } = await channel.call(ENVELOPE, envelope);
  if (errorCode !== ErrorCode.NONE) throw new ApiError(errorCode as ErrorCode);
  const { body } = decodeResponseFrame(responseData ?? new Uint8Array(), apiKey, requestVersion);
  return decode(body, requestVersion);
}

/** An address as its 4 or 16 bytes. */
export function addressBytes(host: string): Uint8Array {
  if (isIPv4(host)) return Uint8Array.from(host.split('.'), Number);
  const text = host.replace(/%.*$/, '');
  const mapped = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const [high, low] = mapped === null ? [text, []] : [`${mapped[1]}0:0`, mapped[2]!.split('.').map(Number)];
  const [left = '', right] = high.split('::');
  const groupsOf = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const head = groupsOf(left);
  const tail = right === undefined ? [] : groupsOf(right);
  const groups = [...head, ...Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0'), ...tail];
  const bytes = groups
    .slice(0, 8)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
  return Uint8Array.from(low.length === 4 ? [...bytes.slice(0, 12), ...low] : bytes);
}
