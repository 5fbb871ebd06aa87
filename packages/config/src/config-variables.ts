/**
 * Variables in values, `${provider:[path:]key}`, replaced by what configuration providers know: secrets that do not stand in the file.
 *
 * `config.providers=env` and `config.providers.env.class=…` name providers; which classes there are and how they read is the caller's.
 * A variable that its provider does not know, or whose provider is not configured, stays as it is. Source: ConfigTransformer, AbstractConfig.
 */
import { ConfigError } from '@skarab/base';

/** Reads one value. `path` is '' where the variable has none. */
export interface ConfigProvider {
  get(path: string, key: string): string | undefined;
}

/** Makes the provider a class name stands for, with its `config.providers.<name>.param.*`; undefined when there is no such class. */
export type ConfigProviderFactory = (
  className: string,
  parameters: ReadonlyMap<string, string>,
) => ConfigProvider | undefined;

const variablePattern = /\$\{([^}]*?):(?:([^}]*?):)?([^}]*?)\}/g;

/** The properties with their variables replaced. Errors: ConfigError for a provider whose class there is not. */
export function resolveConfigVariables(
  properties: ReadonlyMap<string, string>,
  providerFor: ConfigProviderFactory,
): ReadonlyMap<string, string> {
  const providers = configuredProviders(properties, providerFor);
  if (providers.size === 0) return properties;
  const replace = (variable: string, name: string, path: string | undefined, key: string): string =>
    providers.get(name)?.get(path ?? '', key) ?? variable;
  return new Map([...properties].map(([name, value]) => [name, value.replace(variablePattern, replace)]));
}

function configuredProviders(
  properties: ReadonlyMap<string, string>,
  providerFor: ConfigProviderFactory,
): Map<string, ConfigProvider> {
  const providers = new Map<string, ConfigProvider>();
  for (const name of (properties.get('config.providers') ?? '').split(',')) {
    const option = `config.providers.${name}.class`;
    const className = properties.get(option);
    if (className === undefined) continue;
    const provider = providerFor(className, withoutPrefix(properties, `config.providers.${name}.param.`));
    if (provider === undefined) {
      throw new ConfigError(option, className, 'Could not load config provider class or one of its dependencies');
    }
    providers.set(name, provider);
  }
  return providers;
}

function withoutPrefix(properties: ReadonlyMap<string, string>, prefix: string): Map<string, string> {
  const found = [...properties].filter(([name]) => name.startsWith(prefix) && name.length > prefix.length);
  return new Map(found.map(([name, value]) => [name.slice(prefix.length), value]));
}
