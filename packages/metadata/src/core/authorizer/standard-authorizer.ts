/**
 * Decides by the access control entries of the metadata log who may do what.
 *
 * A denying entry wins over all that allow. Without an entry about a resource the configured default holds; with entries, but none that
 * allows, the answer is no. Source: org.apache.kafka.metadata.authorizer.StandardAuthorizer, StandardAuthorizerData; KIP-801, KIP-679.
 */
import { type Action, type Authorizer, formatPrincipal } from '@skarab/security';
import { OPERATIONS, RESOURCE_TYPES } from '../image/acl-names.ts';
import type { AclsImage, StandardAcl } from '../image/acls-image.ts';
import { AclIndex, WILDCARD } from './acl-index.ts';

/** What an authorizer goes by. */
export interface StandardAuthorizerOptions {
  /** The entries in force; undefined while they are not loaded, when only super users may do anything. */
  readonly acls: () => AclsImage | undefined;
  /** `super.users`, as `User:alice`: they may do everything. */
  readonly superUsers: ReadonlySet<string>;
  /** `allow.everyone.if.no.acl.found`. */
  readonly allowsWithoutAcl: boolean;
}

const ALL = OPERATIONS.indexOf('ALL');
const DENY = 2;
const LITERAL = 3;
const ANY_USER = 'User:*';
const NO_RESOURCE = 'hardcode';

/** Operations whose permission brings another with it. */
const IMPLYING: Readonly<Record<string, readonly string[]>> = {
  DESCRIBE: ['READ', 'WRITE', 'DELETE', 'ALTER'],
  DESCRIBE_CONFIGS: ['ALTER_CONFIGS'],
};

export class StandardAuthorizer implements Authorizer {
  readonly allowsEverything = false;
  readonly #options: StandardAuthorizerOptions;
  #index: AclIndex | undefined;

  constructor(options: StandardAuthorizerOptions) {
    this.#options = options;
  }

  authorize(action: Action): boolean {
    const { superUsers, allowsWithoutAcl } = this.#options;
    if (superUsers.has(formatPrincipal(action.principal))) return true;
    const index = this.#currentIndex();
    if (index === undefined) return false;
    let isMentioned = false;
    let isAllowed = false;
    for (const acl of index.about(RESOURCE_TYPES.indexOf(action.resourceType), action.resourceName)) {
      isMentioned = true;
      if (!isAbout(acl, action)) continue;
      if (acl.permissionType === DENY) {
        if (isOperation(acl, action.operation)) return false;
      } else if (isOperation(acl, action.operation) || implies(acl, action.operation)) isAllowed = true;
    }
    return isMentioned ? isAllowed : allowsWithoutAcl;
  }

  authorizeByResourceType(action: Omit<Action, 'resourceName'>): boolean {
    if (this.authorize({ ...action, resourceName: NO_RESOURCE })) return true;
    const acls = (this.#currentIndex()?.ofType(RESOURCE_TYPES.indexOf(action.resourceType)) ?? []).filter(
      (acl) => isAbout(acl, action) && isOperation(acl, action.operation),
    );
    const denied = acls.filter(({ permissionType }) => permissionType === DENY);
    if (denied.some(isForAll)) return false;
    return acls.some(
      (acl) => acl.permissionType !== DENY && (isForAll(acl) || !denied.some((other) => covers(other, acl))),
    );
  }

  #currentIndex(): AclIndex | undefined {
    const image = this.#options.acls();
    if (this.#index?.image !== image) this.#index = image === undefined ? undefined : new AclIndex(image);
    return this.#index;
  }
}

function isAbout({ principal, host }: StandardAcl, action: Omit<Action, 'resourceName'>): boolean {
  return (
    (principal === ANY_USER || principal === formatPrincipal(action.principal)) &&
    (host === WILDCARD || host === action.host)
  );
}

function isOperation({ operation }: StandardAcl, asked: string): boolean {
  return operation === ALL || OPERATIONS[operation] === asked;
}

function implies({ operation }: StandardAcl, asked: string): boolean {
  return IMPLYING[asked]?.includes(OPERATIONS[operation] ?? '') ?? false;
}

function isForAll({ patternType, resourceName }: StandardAcl): boolean {
  return patternType === LITERAL && resourceName === WILDCARD;
}

/** Whether everything that `acl` is about is also what `other` is about. */
function covers(other: StandardAcl, acl: StandardAcl): boolean {
  if (other.patternType !== LITERAL) return acl.resourceName.startsWith(other.resourceName);
  return acl.patternType === LITERAL && other.resourceName === acl.resourceName;
}
