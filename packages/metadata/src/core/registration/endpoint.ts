/**
 * Listeners of brokers and controllers as they are registered in the metadata log.
 *
 * Source: org.apache.kafka.common.Endpoint, org.apache.kafka.common.security.auth.SecurityProtocol.
 */

/** Numbers of the security protocols in registrations. */
export const SecurityProtocolId = { PLAINTEXT: 0, SSL: 1, SASL_PLAINTEXT: 2, SASL_SSL: 3 } as const;

/** Where and how a listener is reached. */
export interface RegisteredEndpoint {
  readonly name: string;
  readonly host: string;
  /** 0 to 65535. */
  readonly port: number;
  /** One of `SecurityProtocolId`. */
  readonly securityProtocol: number;
}

/** The fields of an endpoint in messages and records, whose structs carry more. */
export function endpointOf(fields: RegisteredEndpoint): RegisteredEndpoint {
  const { name, host, port, securityProtocol } = fields;
  return { name, host, port, securityProtocol };
}
