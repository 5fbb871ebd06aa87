/**
 * The authorizer that `authorizer.class.name` asks for.
 */
import type { BrokerConfig } from '@skarab/config';
import { type AclsImage, StandardAuthorizer } from '@skarab/metadata';
import { type Authorizer, allowAllAuthorizer } from '@skarab/security';

/** `acls` are those in force; undefined while they are not loaded. */
export function nodeAuthorizer(config: BrokerConfig, acls: () => AclsImage | undefined): Authorizer {
  if (config.get('authorizer.class.name') === '') return allowAllAuthorizer;
  const { superUsers, allowsWithoutAcl } = config.standardAuthorizer;
  return new StandardAuthorizer({ acls, superUsers, allowsWithoutAcl });
}
