/**
 * One controller for all callers of a node: its own while it leads the quorum, else the active one elsewhere.
 */
import type { ControllerApi } from '@skarab/metadata';
import { ApiError, ErrorCode } from '@skarab/protocol';

/** Who can be asked. */
export interface ControllerRoutes {
  /** The controller of this node while it leads. */
  readonly own: () => ControllerApi | undefined;
  /** Asks whoever else leads, and waits while nobody does. NOT_CONTROLLER says that this node leads now. */
  readonly remote: ControllerApi;
  /** How often a request may be sent from one to the other. */
  readonly maxTurns: number;
}

type AnyMethod = (...args: unknown[]) => Promise<unknown>;

/** Every method of the controller, so that none is forgotten. */
const methods: Readonly<Record<keyof ControllerApi, true>> = {
  createTopics: true,
  deleteTopics: true,
  createPartitions: true,
  alterConfigs: true,
  incrementalAlterConfigs: true,
  registerBroker: true,
  processBrokerHeartbeat: true,
  unregisterBroker: true,
  registerController: true,
  alterPartition: true,
  assignReplicasToDirs: true,
  electLeaders: true,
  alterPartitionReassignments: true,
  listPartitionReassignments: true,
  allocateProducerIds: true,
  updateFeatures: true,
  alterClientQuotas: true,
  createAcls: true,
  deleteAcls: true,
  alterUserScramCredentials: true,
  createDelegationToken: true,
  renewDelegationToken: true,
  expireDelegationToken: true,
  describeQuorum: true,
  addRaftVoter: true,
  removeRaftVoter: true,
};

/** Decides at every call, and again when the leadership moves meanwhile. Errors: ApiError NOT_CONTROLLER when it does not settle. */
export function routedController({ own, remote, maxTurns }: ControllerRoutes): ControllerApi {
  const entries = (Object.keys(methods) as (keyof ControllerApi)[]).map((name) => {
    const route: AnyMethod = async (...args) => {
      for (let turn = 1; ; turn++) {
        const asked = own() ?? remote;
        try {
          return await (asked[name] as AnyMethod).apply(asked, args);
        } catch (error) {
          const hasMoved = error instanceof ApiError && error.errorCode === ErrorCode.NOT_CONTROLLER;
          if (!hasMoved || turn >= maxTurns) throw error;
        }
      }
    };
    return [name, route];
  });
  return Object.fromEntries(entries) as ControllerApi;
}
