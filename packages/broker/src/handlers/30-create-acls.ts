/**
 * CreateAcls (30), versions 1-3: adds access control entries, decided by the controller (KIP-140, KIP-290, KIP-801).
 *
 * v2 flexible; v3 users as resources. SECURITY_DISABLED without an authorizer. ACLs: ALTER on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  type CreateAclsRequest,
  type CreateAclsResponse,
  decodeCreateAclsRequest,
  ErrorCode,
  encodeCreateAclsResponse,
  newCreateAclsResponse,
} from '@skarab/protocol';
import type { Authorizer } from '@skarab/security';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { defaultErrorMessage } from '../dispatch/default-error-message.ts';
import { refuseUnknownElements } from './acl-elements.ts';

export function createAclsHandler(
  controller: Pick<ControllerApi, 'createAcls'>,
  authorizer: Authorizer,
): ApiHandler<CreateAclsRequest, CreateAclsResponse> {
  return {
    apiKey: ApiKey.CREATE_ACLS,
    decode: (reader, version) => {
      const request = decodeCreateAclsRequest(reader, version);
      for (const { resourceType, resourcePatternType, operation, permissionType } of request.creations)
        refuseUnknownElements(resourceType, resourcePatternType, operation, permissionType);
      return request;
    },
    encode: encodeCreateAclsResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('ALTER')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      if (authorizer.allowsEverything) throw new ApiError(ErrorCode.SECURITY_DISABLED, 'No Authorizer is configured.');
      return controller.createAcls(controllerContext(context), request);
    },
    failure: ({ creations }, errorCode, _context, text) =>
      newCreateAclsResponse({
        results: creations.map(() => ({ errorCode, errorMessage: text ?? defaultErrorMessage(errorCode) })),
      }),
  };
}
