/**
 * What Kafka's own authorizer reads of a node's properties; no definition knows these names.
 *
 * Source: org.apache.kafka.metadata.authorizer.StandardAuthorizer.
 */
import { ruleError } from './requirement.ts';

/** The one value of `authorizer.class.name`, beside none, that is served. */
export const STANDARD_AUTHORIZER = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';
const SUPER_USERS = 'super.users';
const ALLOW_EVERYONE = 'allow.everyone.if.no.acl.found';
export const STANDARD_AUTHORIZER_CONFIGS: ReadonlySet<string> = new Set([SUPER_USERS, ALLOW_EVERYONE]);

/** How the standard authorizer is set. */
export interface StandardAuthorizerSettings {
  /** Who may do everything, as `User:alice`. */
  readonly superUsers: ReadonlySet<string>;
  /** Whether resources that no entry is about are open to everybody. */
  readonly allowsWithoutAcl: boolean;
}

/** Errors: ConfigError for a super user without a type. */
export function standardAuthorizerSettings(properties: ReadonlyMap<string, string>): StandardAuthorizerSettings {
  const users = (properties.get(SUPER_USERS) ?? '').split(';').map((user) => user.trim());
  const superUsers = users.filter((user) => user !== '');
  for (const user of superUsers) {
    if (!user.includes(':'))
      throw ruleError(SUPER_USERS, `expected a string in format principalType:principalName but got ${user}`);
  }
  const allowsWithoutAcl = properties.get(ALLOW_EVERYONE)?.trim().toLowerCase() === 'true';
  return { superUsers: new Set(superUsers), allowsWithoutAcl };
}
