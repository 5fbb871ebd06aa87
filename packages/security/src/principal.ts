/**
 * Who a peer is. Source: org.apache.kafka.common.security.auth.KafkaPrincipal.
 */

/** A principal: a type and a name, printed as `User:alice`. */
export interface Principal {
  readonly type: string;
  readonly name: string;
  /** There when a delegation token has said who it is; such a peer may not ask for further tokens (KIP-48). */
  readonly isTokenAuthenticated?: true;
}

/** The type of principals that are people or programs. */
export const USER_TYPE = 'User';

/** The principal of everybody who has not said who they are. */
export const ANONYMOUS: Principal = { type: USER_TYPE, name: 'ANONYMOUS' };

/** `User:alice`. */
export function formatPrincipal(principal: Principal): string {
  return `${principal.type}:${principal.name}`;
}

/** The principal that `User:alice` stands for; undefined for a text without a type. Source: SecurityUtils.parseKafkaPrincipal. */
export function parsePrincipal(text: string): Principal | undefined {
  const colon = text.indexOf(':');
  return colon === -1 ? undefined : { type: text.slice(0, colon), name: text.slice(colon + 1) };
}
