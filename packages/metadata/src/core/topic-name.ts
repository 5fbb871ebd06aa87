/**
 * What a topic may be called, and when two names would collide in metric names.
 *
 * Source: org.apache.kafka.common.internals.Topic.
 */

/** The topic of the metadata log, which nobody may create. */
export const CLUSTER_METADATA_TOPIC = '__cluster_metadata';

const MAX_LENGTH = 249;
const LEGAL = /^[a-zA-Z0-9._-]+$/;

/** Why `name` cannot name a topic, in Kafka's words, or null when it can. */
export function reasonInvalidTopicName(name: string): string | null {
  const because = 'Topic name is invalid: ';
  if (name === '') return `${because}the empty string is not allowed`;
  if (name === '.' || name === '..') return `${because}'${name}' is not allowed`;
  if (name.length > MAX_LENGTH) {
    return `${because}the length of '${name}' is longer than the max allowed length ${MAX_LENGTH}`;
  }
  if (!LEGAL.test(name)) {
    return `${because}'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return null;
}

/** True when `name` holds a character that metric names do not tell apart. */
export function hasCollisionCharacters(name: string): boolean {
  return name.includes('.') || name.includes('_');
}

/** The form under which colliding names are equal. */
export function unifyCollisionCharacters(name: string): string {
  return name.replaceAll('.', '_');
}
