/**
 * The controller as its callers see it, in this process or behind a connection: one method per API, generated messages in and out.
 *
 * A promise resolves when the records behind the response are committed. It rejects with `ApiError` when the request fails as a whole:
 * NOT_CONTROLLER when this node does not lead the quorum, and what each API may fail with; errors of single topics, partitions or
 * resources are in the response. Source: org.apache.kafka.controller.Controller.
 */
import type {
  AddRaftVoterRequest,
  AddRaftVoterResponse,
  AllocateProducerIdsRequest,
  AllocateProducerIdsResponse,
  AlterClientQuotasRequest,
  AlterClientQuotasResponse,
  AlterConfigsRequest,
  AlterConfigsResponse,
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse,
  AlterPartitionRequest,
  AlterPartitionResponse,
  AlterUserScramCredentialsRequest,
  AlterUserScramCredentialsResponse,
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
  BrokerHeartbeatRequest,
  BrokerHeartbeatResponse,
  BrokerRegistrationRequest,
  BrokerRegistrationResponse,
  ControllerRegistrationRequest,
  ControllerRegistrationResponse,
  CreateAclsRequest,
  CreateAclsResponse,
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
  CreatePartitionsRequest,
  CreatePartitionsResponse,
  CreateTopicsRequest,
  CreateTopicsResponse,
  DeleteAclsRequest,
  DeleteAclsResponse,
  DeleteTopicsRequest,
  DeleteTopicsResponse,
  DescribeQuorumRequest,
  DescribeQuorumResponse,
  ElectLeadersRequest,
  ElectLeadersResponse,
  ExpireDelegationTokenRequest,
  ExpireDelegationTokenResponse,
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse,
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse,
  RemoveRaftVoterRequest,
  RemoveRaftVoterResponse,
  RenewDelegationTokenRequest,
  RenewDelegationTokenResponse,
  UnregisterBrokerRequest,
  UnregisterBrokerResponse,
  UpdateFeaturesRequest,
  UpdateFeaturesResponse,
} from '@skarab/protocol';
import type {
  AlterConfigsAccess,
  ControllerRequestContext,
  CreateTopicsAccess,
  DeleteTopicsAccess,
  TopicPredicate,
} from '../core/controller/request-context.ts';

type Context = ControllerRequestContext;

/** One method per API that the controller serves. */
export interface ControllerApi {
  createTopics(
    context: Context,
    request: CreateTopicsRequest,
    access: CreateTopicsAccess,
  ): Promise<CreateTopicsResponse>;
  deleteTopics(
    context: Context,
    request: DeleteTopicsRequest,
    access: DeleteTopicsAccess,
  ): Promise<DeleteTopicsResponse>;
  createPartitions(
    context: Context,
    request: CreatePartitionsRequest,
    mayAlter: TopicPredicate,
  ): Promise<CreatePartitionsResponse>;
  alterConfigs(
    context: Context,
    request: AlterConfigsRequest,
    access: AlterConfigsAccess,
  ): Promise<AlterConfigsResponse>;
  incrementalAlterConfigs(
    context: Context,
    request: IncrementalAlterConfigsRequest,
    access: AlterConfigsAccess,
  ): Promise<IncrementalAlterConfigsResponse>;

  registerBroker(context: Context, request: BrokerRegistrationRequest): Promise<BrokerRegistrationResponse>;
  processBrokerHeartbeat(context: Context, request: BrokerHeartbeatRequest): Promise<BrokerHeartbeatResponse>;
  unregisterBroker(context: Context, request: UnregisterBrokerRequest): Promise<UnregisterBrokerResponse>;
  registerController(context: Context, request: ControllerRegistrationRequest): Promise<ControllerRegistrationResponse>;

  alterPartition(context: Context, request: AlterPartitionRequest): Promise<AlterPartitionResponse>;
  assignReplicasToDirs(context: Context, request: AssignReplicasToDirsRequest): Promise<AssignReplicasToDirsResponse>;
  electLeaders(context: Context, request: ElectLeadersRequest): Promise<ElectLeadersResponse>;
  alterPartitionReassignments(
    context: Context,
    request: AlterPartitionReassignmentsRequest,
  ): Promise<AlterPartitionReassignmentsResponse>;
  listPartitionReassignments(
    context: Context,
    request: ListPartitionReassignmentsRequest,
  ): Promise<ListPartitionReassignmentsResponse>;

  allocateProducerIds(context: Context, request: AllocateProducerIdsRequest): Promise<AllocateProducerIdsResponse>;
  updateFeatures(context: Context, request: UpdateFeaturesRequest): Promise<UpdateFeaturesResponse>;
  alterClientQuotas(context: Context, request: AlterClientQuotasRequest): Promise<AlterClientQuotasResponse>;
  createAcls(context: Context, request: CreateAclsRequest): Promise<CreateAclsResponse>;
  deleteAcls(context: Context, request: DeleteAclsRequest): Promise<DeleteAclsResponse>;
  alterUserScramCredentials(
    context: Context,
    request: AlterUserScramCredentialsRequest,
  ): Promise<AlterUserScramCredentialsResponse>;
  createDelegationToken(
    context: Context,
    request: CreateDelegationTokenRequest,
  ): Promise<CreateDelegationTokenResponse>;
  renewDelegationToken(context: Context, request: RenewDelegationTokenRequest): Promise<RenewDelegationTokenResponse>;
  expireDelegationToken(
    context: Context,
    request: ExpireDelegationTokenRequest,
  ): Promise<ExpireDelegationTokenResponse>;

  describeQuorum(context: Context, request: DescribeQuorumRequest): Promise<DescribeQuorumResponse>;
  /** Errors are in the response, NOT_LEADER_OR_FOLLOWER when this node does not lead the quorum among them. */
  addRaftVoter(context: Context, request: AddRaftVoterRequest): Promise<AddRaftVoterResponse>;
  removeRaftVoter(context: Context, request: RemoveRaftVoterRequest): Promise<RemoveRaftVoterResponse>;
}
