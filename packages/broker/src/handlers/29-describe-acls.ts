/**
 * DescribeAcls (29), versions 1-3: the access control entries that match a filter, by what they are about (KIP-140, KIP-290).
 *
 * Answered from the metadata that this node has. v2 flexible; v3 users as resources. SECURITY_DISABLED without an authorizer.
 * ACLs: DESCRIBE on the cluster.
 */
import { describeAcls, type MetadataImage } from '@skarab/metadata';
import {
  ApiError,
  ApiKey,
  type DescribeAclsRequest,
  type DescribeAclsResponse,
  decodeDescribeAclsRequest,
  ErrorCode,
  encodeDescribeAclsResponse,
  newDescribeAclsResponse,
} from '@skarab/protocol';
import type { Authorizer } from '@skarab/security';
import type { ApiHandler } from '../dispatch/api-handler.ts';
import { defaultErrorMessage } from '../dispatch/default-error-message.ts';
import { refuseUnknownElements } from './acl-elements.ts';

export function describeAclsHandler(
  metadata: { readonly image: Pick<MetadataImage, 'acls'> },
  authorizer: Authorizer,
): ApiHandler<DescribeAclsRequest, DescribeAclsResponse> {
  return {
    apiKey: ApiKey.DESCRIBE_ACLS,
    decode: (reader, version) => {
      const request = decodeDescribeAclsRequest(reader, version);
      const { resourceTypeFilter, patternTypeFilter, operation, permissionType } = request;
      refuseUnknownElements(resourceTypeFilter, patternTypeFilter, operation, permissionType);
      return request;
    },
    encode: encodeDescribeAclsResponse,
    handle: (context, request) => {
      if (!context.mayDoToCluster('DESCRIBE')) throw new ApiError(ErrorCode.CLUSTER_AUTHORIZATION_FAILED);
      if (authorizer.allowsEverything)
        throw new ApiError(ErrorCode.SECURITY_DISABLED, 'No Authorizer is configured on the broker');
      return newDescribeAclsResponse({ errorMessage: '', resources: describeAcls(metadata.image.acls, request) });
    },
    failure: (_request, errorCode, _context, text) =>
      newDescribeAclsResponse({ errorCode, errorMessage: text ?? defaultErrorMessage(errorCode) }),
  };
}
