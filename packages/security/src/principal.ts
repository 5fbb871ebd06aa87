/**
 * Who a peer is. Source: org.apache.kafka.common.security.auth.KafkaPrincipal.
 */

/** A principal: a type and a name, printed as `User:alice`. */
export interface Principal {
  readonly type: string;
  readonly name: string;
}

/** The principal of everybody who has not said who they are. */
export const ANONYMOUS: Principal = { type: 'User', name: 'ANONYMOUS' };

/** `User:alice`. */
export function formatPrincipal(principal: Principal): string {
  return `${principal.type}:${principal.name}`;
}
