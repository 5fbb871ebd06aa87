/**
 * Decides about CreateAcls and DeleteAcls, and answers DescribeAcls from an image.
 *
 * Source: org.apache.kafka.controller.AclControlManager, kafka.server.AclApis; KIP-290, KIP-801.
 */
import { type Random, randomUuid, type Uuid } from '@skarab/base';
import {
  type AclCreation,
  type CreateAclsRequest,
  type CreateAclsResponse,
  type DeleteAclsFilter,
  type DeleteAclsFilterResult,
  type DeleteAclsRequest,
  type DeleteAclsResponse,
  type DescribeAclsRequest,
  type DescribeAclsResource,
  ErrorCode,
  newCreateAclsResponse,
  newDeleteAclsFilterResult,
  newDeleteAclsMatchingAcl,
  newDeleteAclsResponse,
  newDescribeAclsResource,
  newRemoveAccessControlEntryRecord,
} from '@skarab/protocol';
import { OPERATIONS, PATTERN_TYPES, PERMISSION_TYPES, RESOURCE_TYPES } from '../image/acl-names.ts';
import { type AclsImage, aclKey, aclRecord, type StandardAcl } from '../image/acls-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decideAtomically, refuse } from './decision.ts';

const MAX_RECORDS = 10_000;
const ANY = 1;
const CLUSTER_RESOURCE_TYPE = 4;
const CLUSTER_RESOURCE_NAME = 'kafka-cluster';
const MATCH = 2;
const LITERAL = 3;
const PREFIXED = 4;

/** Adds entries; those that exist already are answered as if they were new. */
export function createAcls(
  state: ControllerState,
  random: Random,
  request: CreateAclsRequest,
): Decision<CreateAclsResponse> {
  const existing = new Set<string>();
  for (const acl of state.image.acls.acls.values()) existing.add(aclKey(acl));
  const records: MetadataRecord[] = [];
  const results = request.creations.map((creation) => {
    const reason = reasonInvalid(creation);
    if (reason !== null) return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: reason };
    const acl = aclOf(creation);
    if (!existing.has(aclKey(acl))) {
      existing.add(aclKey(acl));
      records.push(aclRecord(newAclId(state, random), acl));
    }
    return { errorCode: ErrorCode.NONE, errorMessage: '' };
  });
  return decideAtomically(records, newCreateAclsResponse({ results }));
}

/** Removes the entries that match. */
export function deleteAcls(state: ControllerState, request: DeleteAclsRequest): Decision<DeleteAclsResponse> {
  const removed = new Set<Uuid>();
  const filterResults: DeleteAclsFilterResult[] = [];
  for (const filter of request.filters) {
    const reason = reasonInvalidFilter(filter);
    if (reason !== null) {
      filterResults.push(newDeleteAclsFilterResult({ errorCode: ErrorCode.INVALID_REQUEST, errorMessage: reason }));
      continue;
    }
    const matching = [...state.image.acls.acls].filter(([, acl]) => aclMatches(filter, acl));
    for (const [id] of matching) removed.add(id);
    if (removed.size > MAX_RECORDS) {
      const message = `Cannot remove more than ${MAX_RECORDS} acls in a single delete operation.`;
      return refuse(ErrorCode.INVALID_REQUEST, message);
    }
    const matchingAcls = matching.map(([, acl]) => newDeleteAclsMatchingAcl({ errorMessage: null, ...acl }));
    filterResults.push(newDeleteAclsFilterResult({ errorMessage: null, matchingAcls }));
  }
  const records = [...removed].map((id): MetadataRecord => {
    return { type: 'RemoveAccessControlEntryRecord', version: 0, data: newRemoveAccessControlEntryRecord({ id }) };
  });
  return decideAtomically(records, newDeleteAclsResponse({ filterResults }));
}

/** The entries that match, by resource pattern. */
export function describeAcls(image: AclsImage, filter: DescribeAclsRequest): DescribeAclsResource[] {
  const resources = new Map<string, DescribeAclsResource>();
  for (const acl of image.acls.values()) {
    if (!aclMatches(filter, acl)) continue;
    const { resourceType, resourceName, patternType, principal, host, operation, permissionType } = acl;
    const key = `${resourceType}:${patternType}:${resourceName}`;
    const resource = resources.get(key) ?? newDescribeAclsResource({ resourceType, resourceName, patternType });
    resources.set(key, resource);
    resource.acls.push({ principal, host, operation, permissionType });
  }
  return [...resources.values()];
}

/** True when an entry is one that the filter asks for (also DescribeAcls). */
export function aclMatches(filter: DeleteAclsFilter, acl: StandardAcl): boolean {
  const { resourceTypeFilter, principalFilter, hostFilter, operation, permissionType } = filter;
  return (
    (resourceTypeFilter === ANY || resourceTypeFilter === acl.resourceType) &&
    patternMatches(filter, acl) &&
    (principalFilter === null || principalFilter === acl.principal) &&
    (hostFilter === null || hostFilter === acl.host) &&
    (operation === ANY || operation === acl.operation) &&
    (permissionType === ANY || permissionType === acl.permissionType)
  );
}

/** MATCH finds every pattern that would apply to a resource of the name: literals, the wildcard, and prefixes of it. */
function patternMatches({ patternTypeFilter, resourceNameFilter }: DeleteAclsFilter, acl: StandardAcl): boolean {
  if (patternTypeFilter !== ANY && patternTypeFilter !== MATCH && patternTypeFilter !== acl.patternType) return false;
  if (resourceNameFilter === null) return true;
  if (patternTypeFilter !== MATCH) return resourceNameFilter === acl.resourceName;
  if (acl.patternType === PREFIXED) return resourceNameFilter.startsWith(acl.resourceName);
  return resourceNameFilter === acl.resourceName || acl.resourceName === '*';
}

function aclOf(creation: AclCreation): StandardAcl {
  const { resourceType, resourceName, resourcePatternType, principal, host, operation, permissionType } = creation;
  return { resourceType, resourceName, patternType: resourcePatternType, principal, host, operation, permissionType };
}

function reasonInvalid(creation: AclCreation): string | null {
  const { resourceType, resourceName, resourcePatternType, principal, operation, permissionType } = creation;
  if (resourceType === CLUSTER_RESOURCE_TYPE && resourceName !== CLUSTER_RESOURCE_NAME) {
    return `The only valid name for the CLUSTER resource is ${CLUSTER_RESOURCE_NAME}`;
  }
  if (resourceName === '') return 'Invalid empty resource name';
  if (!isDefinite(RESOURCE_TYPES, resourceType)) return `Invalid resourceType ${nameOf(RESOURCE_TYPES, resourceType)}`;
  if (resourcePatternType !== LITERAL && resourcePatternType !== PREFIXED) {
    return `Invalid patternType ${nameOf(PATTERN_TYPES, resourcePatternType)}`;
  }
  if (!isDefinite(OPERATIONS, operation)) return `Invalid operation ${nameOf(OPERATIONS, operation)}`;
  if (!isDefinite(PERMISSION_TYPES, permissionType)) {
    return `Invalid permissionType ${nameOf(PERMISSION_TYPES, permissionType)}`;
  }
  if (principal.includes(':')) return null;
  return (
    `Could not parse principal from \`${principal}\` (no colon is present separating the principal type from the ` +
    'principal name)'
  );
}

function reasonInvalidFilter(filter: DeleteAclsFilter): string | null {
  const { resourceTypeFilter, patternTypeFilter, operation, permissionType } = filter;
  if (!isKnown(RESOURCE_TYPES, resourceTypeFilter) || !isKnown(PATTERN_TYPES, patternTypeFilter)) {
    return 'Unknown patternFilter.';
  }
  return isKnown(OPERATIONS, operation) && isKnown(PERMISSION_TYPES, permissionType) ? null : 'Unknown entryFilter.';
}

const isKnown = (names: readonly string[], id: number): boolean => id > 0 && id < names.length;
const isDefinite = (names: readonly string[], id: number): boolean => id > ANY && id < names.length;
const nameOf = (names: readonly string[], id: number): string => names[id] ?? 'UNKNOWN';

function newAclId(state: ControllerState, random: Random): Uuid {
  for (;;) {
    const id = randomUuid(random.bytes);
    if (!state.image.acls.acls.has(id)) return id;
  }
}
