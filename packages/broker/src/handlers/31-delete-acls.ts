/**
 * DeleteAcls (31), versions 1-3: removes the access control entries that match filters, decided by the controller (KIP-140, KIP-290, KIP-801).
 *
 * v2 flexible; v3 users as resources. SECURITY_DISABLED without an authorizer. ACLs: ALTER on the cluster.
 */
import type { ControllerApi } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  type DeleteAclsRequest,
  type DeleteAclsResponse,
  decodeDeleteAclsRequest,
  ErrorCode,
  encodeDeleteAclsResponse,
  newDeleteAclsFilterResult,
  newDeleteAclsResponse,
} from '@skarab/protocol';
import type { Authorizer } from '@skarab/security';
import { controllerContext } from '../controller/access.ts';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { defaultErrorMessage } from '../dispatch/default-error-message.ts';
import { refuseUnknownElements } from './acl-elements.ts';

export function deleteAclsHandler(
  controller: Pick<ControllerApi, 'deleteAcls'>,
  authorizer: Authorizer,
): ApiHandler<DeleteAclsRequest, DeleteAclsResponse> {
  return {
    apiKey: ApiKey.DELETE_ACLS,
    decode: (reader, version) => {
      const request = decodeDeleteAclsRequest(reader, version);
      for (const { resourceTypeFilter, patternTypeFilter, operation, permissionType } of request.filters)
        refuseUnknownElements(resourceTypeFilter, patternTypeFilter, operation, permissionType);
      return request;
    },
    encode: encodeDeleteAclsResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('ALTER')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      if (authorizer.allowsEverything) throw new ApiError(ErrorCode.SECURITY_DISABLED, 'No Authorizer is configured.');
      return controller.deleteAcls(controllerContext(context), request);
    },
    failure: ({ filters }, errorCode, _context, text) => {
      const errorMessage = text ?? defaultErrorMessage(errorCode);
      return newDeleteAclsResponse({
        filterResults: filters.map(() => newDeleteAclsFilterResult({ errorCode, errorMessage })),
      });
    },
  };
}
