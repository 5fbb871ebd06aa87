/**
 * The Java class names that a configuration of type CLASS may hold here.
 *
 * There is no class loading: a name stands for something built in, or it "could not be found", as the JVM says of a missing class.
 */

const oauth = 'org.apache.kafka.common.security.oauthbearer';

const knownClasses: ReadonlySet<string> = new Set([
  'org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder',
  `${oauth}.BrokerJwtValidator`,
  `${oauth}.DefaultJwtRetriever`,
  `${oauth}.DefaultJwtValidator`,
  `${oauth}.OAuthBearerLoginCallbackHandler`,
  `${oauth}.OAuthBearerValidatorCallbackHandler`,
]);

/** Whether the name stands for something built in. */
export function isKnownClass(name: string): boolean {
  return knownClasses.has(name);
}
