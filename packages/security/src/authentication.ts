/**
 * The authentication state of a connection: on a plaintext listener everybody is ANONYMOUS at once.
 */
import { ANONYMOUS, type Principal } from './principal.ts';

/** What is known of a peer now. Requests other than the handshake are refused until the state is `authenticated`. */
export type ConnectionAuthentication =
  | { readonly state: 'authenticated'; readonly principal: Principal; readonly expiresAtMs: number | undefined }
  | { readonly state: 'handshake'; readonly mechanism: string | undefined };

/** The state of a connection of a listener without authentication. */
export const anonymousConnection: ConnectionAuthentication = {
  state: 'authenticated',
  principal: ANONYMOUS,
  expiresAtMs: undefined,
};
