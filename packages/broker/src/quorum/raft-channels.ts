/**
 * The way to the other replicas of the metadata log: a connection per node, which is made when raft first asks for it.
 *
 * Shape: host, implements the port of `@skarab/raft`. Source: org.apache.kafka.raft.KafkaNetworkChannel.
 */
import { KafkaError } from '@skarab/base';
import type { Address, ClientApi } from '@skarab/network';
import {
  ApiError,
  ApiKey,
  decodeAddRaftVoterResponse,
  decodeApiVersionsResponse,
  decodeBeginQuorumEpochResponse,
  decodeEndQuorumEpochResponse,
  decodeFetchResponse,
  decodeFetchSnapshotResponse,
  decodeRemoveRaftVoterResponse,
  decodeUpdateRaftVoterResponse,
  decodeVoteResponse,
  ErrorCode,
  encodeAddRaftVoterRequest,
  encodeApiVersionsRequest,
  encodeBeginQuorumEpochRequest,
  encodeEndQuorumEpochRequest,
  encodeFetchRequest,
  encodeFetchSnapshotRequest,
  encodeRemoveRaftVoterRequest,
  encodeUpdateRaftVoterRequest,
  encodeVoteRequest,
} from '@skarab/protocol';
import type { NodeAddress, RaftApiKey, RaftApis, RaftRequest, RaftResponse, RaftTransport } from '@skarab/raft';
import type { NodeChannel } from '../channel/node-channel.ts';

type Codecs = { readonly [K in RaftApiKey]: ClientApi<RaftApis[K]['request'], RaftApis[K]['response']> };

const codecs: Codecs = {
  [ApiKey.FETCH]: { apiKey: ApiKey.FETCH, encode: encodeFetchRequest, decode: decodeFetchResponse },
  [ApiKey.API_VERSIONS]: {
    apiKey: ApiKey.API_VERSIONS,
    encode: encodeApiVersionsRequest,
    decode: decodeApiVersionsResponse,
  },
  [ApiKey.VOTE]: { apiKey: ApiKey.VOTE, encode: encodeVoteRequest, decode: decodeVoteResponse },
  [ApiKey.BEGIN_QUORUM_EPOCH]: {
    apiKey: ApiKey.BEGIN_QUORUM_EPOCH,
    encode: encodeBeginQuorumEpochRequest,
    decode: decodeBeginQuorumEpochResponse,
  },
  [ApiKey.END_QUORUM_EPOCH]: {
    apiKey: ApiKey.END_QUORUM_EPOCH,
    encode: encodeEndQuorumEpochRequest,
    decode: decodeEndQuorumEpochResponse,
  },
  [ApiKey.FETCH_SNAPSHOT]: {
    apiKey: ApiKey.FETCH_SNAPSHOT,
    encode: encodeFetchSnapshotRequest,
    decode: decodeFetchSnapshotResponse,
  },
  [ApiKey.ADD_RAFT_VOTER]: {
    apiKey: ApiKey.ADD_RAFT_VOTER,
    encode: encodeAddRaftVoterRequest,
    decode: decodeAddRaftVoterResponse,
  },
  [ApiKey.REMOVE_RAFT_VOTER]: {
    apiKey: ApiKey.REMOVE_RAFT_VOTER,
    encode: encodeRemoveRaftVoterRequest,
    decode: decodeRemoveRaftVoterResponse,
  },
  [ApiKey.UPDATE_RAFT_VOTER]: {
    apiKey: ApiKey.UPDATE_RAFT_VOTER,
    encode: encodeUpdateRaftVoterRequest,
    decode: decodeUpdateRaftVoterResponse,
  },
};

/** What is used of a `NodeChannel`. */
export type Asked = Pick<NodeChannel, 'send' | 'close'>;

interface Channel {
  readonly asked: Asked;
  address: Address;
}

export class RaftChannels implements RaftTransport {
  readonly #channelTo: (nodeId: number, address: () => Address) => Asked;
  readonly #onRefused: (nodeId: number) => void;
  /** By node id; bootstrap servers have negative ones. */
  readonly #channels = new Map<number, Channel>();

  /** `onRefused` hears of nodes that take no connection: their processes have probably ended. */
  constructor(channelTo: (nodeId: number, address: () => Address) => Asked, onRefused: (nodeId: number) => void) {
    this.#channelTo = channelTo;
    this.#onRefused = onRefused;
  }

  async send(destination: NodeAddress, { apiKey, message }: RaftRequest, timeoutMs: number): Promise<RaftResponse> {
    const codec = codecs[apiKey] as ClientApi<object, object>;
    try {
      const response = await this.#channel(destination).asked.send(codec, message, timeoutMs);
      return { apiKey, message: response } as RaftResponse;
    } catch (error) {
      if (error instanceof KafkaError && error.code === 'REFUSED') this.#onRefused(destination.nodeId);
      throw errorFor(error);
    }
  }

  /** Ends all connections. */
  close(): void {
    for (const { asked } of this.#channels.values()) asked.close();
  }

  #channel({ nodeId, host, port }: NodeAddress): Channel {
    const known = this.#channels.get(nodeId);
    if (known !== undefined) {
      known.address = { host, port };
      return known;
    }
    const channel: Channel = {
      asked: this.#channelTo(nodeId, () => channel.address),
      address: { host, port },
    };
    this.#channels.set(nodeId, channel);
    return channel;
  }
}

/** What raft tells apart: a node that cannot be asked this, one that is too slow, and all else. */
function errorFor(error: unknown): unknown {
  if (!(error instanceof KafkaError)) return error;
  if (error.code === 'UNSUPPORTED_VERSION') return new ApiError(ErrorCode.UNSUPPORTED_VERSION, error.message);
  if (error.code === 'TIMEOUT') return new ApiError(ErrorCode.REQUEST_TIMED_OUT, error.message);
  return error;
}
