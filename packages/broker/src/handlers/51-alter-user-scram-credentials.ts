/**
 * AlterUserScramCredentials (51), version 0: sets and removes SCRAM credentials of users, decided by the controller (KIP-554, KIP-900).
 *
 * The client salts and hashes; a password never comes here. Nobody is authenticated by them yet. ACLs: ALTER on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  type AlterUserScramCredentialsRequest,
  type AlterUserScramCredentialsResponse,
  ApiError,
  ApiKey,
  decodeAlterUserScramCredentialsRequest,
  ErrorCode,
  encodeAlterUserScramCredentialsResponse,
  newAlterUserScramCredentialsResponse,
} from '@skarab/protocol';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { defaultErrorMessage } from '../dispatch/default-error-message.ts';

export function alterUserScramCredentialsHandler(
  controller: Pick<ControllerApi, 'alterUserScramCredentials'>,
): ApiHandler<AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse> {
  return {
    apiKey: ApiKey.ALTER_USER_SCRAM_CREDENTIALS,
    decode: decodeAlterUserScramCredentialsRequest,
    encode: encodeAlterUserScramCredentialsResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('ALTER')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      return controller.alterUserScramCredentials(controllerContext(context), request);
    },
    failure: ({ deletions, upsertions }, errorCode, _context, text) => {
      const users = new Set([...deletions, ...upsertions].map(({ name }) => name));
      const errorMessage = text ?? defaultErrorMessage(errorCode);
      const results = [...users].sort().map((user) => ({ user, errorCode, errorMessage }));
      return newAlterUserScramCredentialsResponse({ results });
    },
  };
}
