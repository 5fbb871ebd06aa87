/**
 * Maps written in one value as `key:value, key:value`; the last colon divides, so keys may be IPv6 addresses.
 *
 * Source: Csv.parseCsvMap, AbstractKafkaConfig.getMap.
 */
import { ConfigError } from '@skarab/base';

/** The map in `text`, the value of the configuration `name`. Errors: ConfigError with the JVM's text. */
export function parseCsvMap(name: string, text: string): Map<string, string> {
  const map = new Map<string, string>();
  if (text === '') return map;
  for (const pair of splitLikeJava(text)) {
    const colon = pair.lastIndexOf(':');
    if (colon < 0) {
      const reason = `begin 0, end -1, length ${pair.length}`;
      throw new ConfigError(name, text, '', `Error parsing configuration property '${name}': ${reason}`);
    }
    map.set(pair.slice(0, colon).trim(), pair.slice(colon + 1).trim());
  }
  return map;
}

/** String.split drops empty strings at the end. */
function splitLikeJava(text: string): string[] {
  const parts = text.split(/\s*,\s*/);
  while (parts.length > 0 && parts.at(-1) === '') parts.pop();
  return parts;
}
