/**
 * Access control entries by id. What they mean is the authorizer's business.
 *
 * Source: org.apache.kafka.image.AclsImage, org.apache.kafka.metadata.authorizer.StandardAcl.
 */
import type { Uuid } from '@skarab/base';
import { type AccessControlEntryRecord, newAccessControlEntryRecord } from '@skarab/protocol';
import { PersistentMap } from '../persistent-map.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';

/** An access control entry; the numbers are those of the protocol. */
export interface StandardAcl {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly patternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

/** All access control entries by id. */
export interface AclsImage {
  readonly acls: PersistentMap<StandardAcl>;
}

/** No entries. */
export const EMPTY_ACLS: AclsImage = { acls: PersistentMap.empty() };

/** The entry that `record` adds. */
export function aclFromRecord(record: AccessControlEntryRecord): StandardAcl {
  const { resourceType, resourceName, patternType, principal, host, operation, permissionType } = record;
  return { resourceType, resourceName, patternType, principal, host, operation, permissionType };
}

/** A text that is the same for equal entries. */
export function aclKey(acl: StandardAcl): string {
  const { resourceType, resourceName, patternType, principal, host, operation, permissionType } = acl;
  return JSON.stringify([resourceType, patternType, operation, permissionType, resourceName, principal, host]);
}

/** The record that adds an entry. */
export function aclRecord(id: Uuid, acl: StandardAcl): MetadataRecord {
  return { type: 'AccessControlEntryRecord', version: 0, data: newAccessControlEntryRecord({ id, ...acl }) };
}

/** The records of the image. */
export function* aclRecords(image: AclsImage): Generator<MetadataRecord> {
  for (const [id, acl] of image.acls) yield aclRecord(id, acl);
}
