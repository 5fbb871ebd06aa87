/**
 * Whether the name of a BROKER resource is one: empty for the defaults of the cluster, or a broker's id.
 *
 * Source: ControllerConfigurationValidator.validateBrokerName.
 */
import { type ConfigProblem, invalidRequest } from '../config-problem.ts';
import { parseInteger } from '../java-text.ts';

/** Why configurations of this resource cannot be stored; undefined when they can. */
export function validateBrokerResource(name: string): ConfigProblem | undefined {
  if (name === '') return undefined;
  const id = parseInteger(name, 32);
  if (id === undefined) return invalidRequest('Unable to parse broker name as a base 10 number.');
  return id < 0n ? invalidRequest('Invalid negative broker ID.') : undefined;
}
