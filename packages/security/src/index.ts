export { anonymousConnection, type ConnectionAuthentication } from './authentication.ts';
export {
  type AclOperation,
  type Action,
  type Authorizer,
  allowAllAuthorizer,
  CLUSTER_NAME,
  type ResourceType,
} from './authorizer.ts';
export { ANONYMOUS, formatPrincipal, type Principal, parsePrincipal, USER_TYPE } from './principal.ts';
export { decodePrincipal, encodePrincipal } from './principal-data.ts';
