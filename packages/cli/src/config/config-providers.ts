/**
 * Kafka's three configuration providers, for `${env:NAME}`, `${file:/path:key}` and `${directory:/path:file}` in a server.properties.
 *
 *     config.providers=file
 *     config.providers.file.class=org.apache.kafka.common.config.provider.FileConfigProvider
 *     config.providers.file.param.allowed.paths=/etc/secrets
 *
 * Source: EnvVarConfigProvider, FileConfigProvider, DirectoryConfigProvider (KIP-297, KIP-421, KIP-632, KIP-887, KIP-993). Java's list of
 * providers that may be used (org.apache.kafka.automatic.config.providers) concerns clients only. Other classes cannot be loaded.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, isAbsolute, join, normalize, sep } from 'node:path';
import { ConfigError } from '@skarab/base';
import { type ConfigProvider, type ConfigProviderFactory, parseProperties } from '@skarab/config';
import type { Environment } from '../options/options.ts';

const PACKAGE = 'org.apache.kafka.common.config.provider.';

/** The providers by class name; `env` is what EnvVarConfigProvider sees. */
export function configProviders(env: Environment): ConfigProviderFactory {
  return (className, parameters) => {
    switch (className) {
      case `${PACKAGE}EnvVarConfigProvider`:
        return envProvider(env, parameters.get('allowlist.pattern'));
      case `${PACKAGE}FileConfigProvider`:
        return fileProvider(allowedPaths(parameters.get('allowed.paths')));
      case `${PACKAGE}DirectoryConfigProvider`:
        return directoryProvider(allowedPaths(parameters.get('allowed.paths')));
      default:
        return undefined;
    }
  };
}

function envProvider(env: Environment, pattern = '.*'): ConfigProvider {
  let allowed: RegExp;
  try {
    allowed = new RegExp(`^(?:${pattern})$`, 's');
  } catch (cause) {
    throw failure(`Invalid allowlist.pattern '${pattern}': ${(cause as Error).message}`);
  }
  return {
    get: (path, key) => {
      if (path !== '') throw failure(`Path is not supported for EnvVarConfigProvider, invalid value '${path}'`);
      return allowed.test(key) ? env[key] : undefined;
    },
  };
}

/** A key of a properties file. */
function fileProvider(allowed: (path: string) => string | undefined): ConfigProvider {
  return {
    get: (path, key) => {
      const file = path === '' ? undefined : allowed(path);
      if (file === undefined) return undefined;
      let text: string;
      try {
        text = readFileSync(file, 'utf8');
      } catch {
        throw failure(`Could not read properties from file ${path}`);
      }
      return parseProperties(text).get(key);
    },
  };
}

/** The whole of a file in a directory, its line end included. */
function directoryProvider(allowed: (path: string) => string | undefined): ConfigProvider {
  return {
    get: (path, key) => {
      const directory = path === '' ? undefined : allowed(path);
      if (directory === undefined || basename(key) !== key) return undefined;
      const file = join(directory, key);
      if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
      try {
        return readFileSync(file, 'utf8');
      } catch {
        throw failure(`Could not read file ${file} for property ${key}`);
      }
    },
  };
}

/** Which paths may be read, and in which form: all as they are, or those below the `allowed.paths`. Errors: ConfigError. */
function allowedPaths(text: string | undefined): (path: string) => string | undefined {
  if (text === undefined || text === '') return (path) => path;
  const allowed = text.split(',').map((one) => withoutSlash(normalize(one)));
  for (const path of allowed) {
    if (!isAbsolute(path)) throw failure(`Path ${path} is not absolute`);
    if (!existsSync(path)) throw failure(`Path ${path} does not exist`);
  }
  return (path) => {
    const normalised = withoutSlash(normalize(path));
    const isBelow = (parent: string): boolean =>
      normalised === parent || normalised.startsWith(parent === sep ? parent : parent + sep);
    return allowed.some(isBelow) ? normalised : undefined;
  };
}

const withoutSlash = (path: string): string => (path.length > 1 && path.endsWith(sep) ? path.slice(0, -1) : path);

const failure = (text: string): ConfigError => new ConfigError('config.providers', null, text, text);
