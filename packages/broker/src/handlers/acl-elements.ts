/**
 * What requests about access control entries must not say. Source: DescribeAclsRequest, CreateAclsRequest, DeleteAclsRequest.
 */
import { ApiError, ErrorCode } from '@skarab/protocol';

const UNKNOWN = 0;

/** Errors: ApiError INVALID_REQUEST, with which a connection ends, when a type or an operation is the unknown one. */
export function refuseUnknownElements(...elements: readonly number[]): void {
  if (elements.includes(UNKNOWN))
    throw new ApiError(ErrorCode.INVALID_REQUEST, 'The request contains UNKNOWN elements');
}
