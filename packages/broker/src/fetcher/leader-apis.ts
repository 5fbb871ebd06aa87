/**
 * The APIs that a follower calls at its leader.
 */
import type { ClientApi } from '@skarab/network';
import {
  ApiKey,
  decodeFetchResponse,
  decodeListOffsetsResponse,
  encodeFetchRequest,
  encodeListOffsetsRequest,
  type FetchRequest,
  type FetchResponse,
  type ListOffsetsRequest,
  type ListOffsetsResponse,
} from '@skarab/protocol';

export const fetchApi: ClientApi<FetchRequest, FetchResponse> = {
  apiKey: ApiKey.FETCH,
  encode: encodeFetchRequest,
  decode: decodeFetchResponse,
};

export const listOffsetsApi: ClientApi<ListOffsetsRequest, ListOffsetsResponse> = {
  apiKey: ApiKey.LIST_OFFSETS,
  encode: encodeListOffsetsRequest,
  decode: decodeListOffsetsResponse,
};
