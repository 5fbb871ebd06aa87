/**
 * The APIs that a broker calls at the share coordinator of another one.
 */
import type { ShareStateRequest, ShareStateRequestKind, ShareStateResponse } from '@skarab/coordinator';
import type { ClientApi } from '@skarab/network';
import {
  ApiKey,
  decodeDeleteShareGroupStateResponse,
  decodeInitializeShareGroupStateResponse,
  decodeReadShareGroupStateResponse,
  decodeReadShareGroupStateSummaryResponse,
  decodeWriteShareGroupStateResponse,
  encodeDeleteShareGroupStateRequest,
  encodeInitializeShareGroupStateRequest,
  encodeReadShareGroupStateRequest,
  encodeReadShareGroupStateSummaryRequest,
  encodeWriteShareGroupStateRequest,
} from '@skarab/protocol';

export const shareStateApis: {
  readonly [K in ShareStateRequestKind]: ClientApi<ShareStateRequest<K>, ShareStateResponse<K>>;
} = {
  initialize: {
    apiKey: ApiKey.INITIALIZE_SHARE_GROUP_STATE,
    encode: encodeInitializeShareGroupStateRequest,
    decode: decodeInitializeShareGroupStateResponse,
  },
  read: {
    apiKey: ApiKey.READ_SHARE_GROUP_STATE,
    encode: encodeReadShareGroupStateRequest,
    decode: decodeReadShareGroupStateResponse,
  },
  write: {
    apiKey: ApiKey.WRITE_SHARE_GROUP_STATE,
    encode: encodeWriteShareGroupStateRequest,
    decode: decodeWriteShareGroupStateResponse,
  },
  delete: {
    apiKey: ApiKey.DELETE_SHARE_GROUP_STATE,
    encode: encodeDeleteShareGroupStateRequest,
    decode: decodeDeleteShareGroupStateResponse,
  },
  readSummary: {
    apiKey: ApiKey.READ_SHARE_GROUP_STATE_SUMMARY,
    encode: encodeReadShareGroupStateSummaryRequest,
    decode: decodeReadShareGroupStateSummaryResponse,
  },
};
