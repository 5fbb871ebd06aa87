/** Failures as a Kafka log names them, since that is what people search for. */
import { ConfigError } from '@skarab/base';

/** `class: message` for what the JVM has an exception for; undefined for anything else. */
export function javaException(error: unknown): string | undefined {
  if (error instanceof ConfigError) return `${classOf(error)}: ${error.message}`;
  const { code, path } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' && path !== undefined ? `java.nio.file.NoSuchFileException: ${path}` : undefined;
}

/** Kafka checks some rules by assertions of its own, which end in another exception than a value that is not allowed. */
function classOf({ message }: ConfigError): string {
  const isRule = /^(?:requirement failed: |Error creating |group\.\S+ must )/.test(message);
  return isRule ? 'java.lang.IllegalArgumentException' : 'org.apache.kafka.common.config.ConfigException';
}
