/**
 * A broker's configuration with its dynamic layers: the file, the defaults of the cluster, the overrides of this broker.
 *
 * The broker owns one; records of type BROKER replace a layer; listeners hear what changed. The current configuration is always a valid
 * one: a layer that cannot be applied leaves it as it was. Only alterations are held to the rules about single steps (`validate`): what is
 * stored has passed them, or was set before this start. Source: DynamicBrokerConfig.
 */
import { ConfigError } from '@skarab/base';
import { type ConfigProblem, configProblemOf, invalidRequest } from '../config-problem.ts';
import { formatValue } from '../config-value.ts';
import { type ConfigProviderFactory, resolveConfigVariables } from '../config-variables.ts';
import { BrokerConfig } from './broker-config.ts';
import { brokerConfigType, chainOf } from './broker-synonyms.ts';
import { clampDynamicConfigs } from './clamp-dynamic-configs.ts';
import { inertAmong, inertWarning } from './inert-broker-configs.ts';
import { ruleError } from './requirement.ts';
import { applicableConfigs, checkDynamicConfigs } from './validate-dynamic.ts';
import { reconfigurationFault } from './validate-reconfiguration.ts';

type Configs = ReadonlyMap<string, string>;

/** A step from one configuration to the next. */
export interface BrokerConfigChange {
  readonly previous: BrokerConfig;
  readonly current: BrokerConfig;
  /** Names whose value differs, overrides of listeners by their full name. */
  readonly changed: ReadonlySet<string>;
}

/** What replacing a layer did. */
export interface LayerUpdate {
  readonly changed: ReadonlySet<string>;
  /** In words, for the log: what was ignored, capped, or why nothing was applied. */
  readonly warnings: readonly string[];
}

/** The layered configuration of a broker. */
export class DynamicBrokerConfig {
  /** The file. */
  readonly staticConfigs: Configs;
  #clusterConfigs: Configs = new Map();
  #brokerConfigs: Configs = new Map();
  #current: BrokerConfig;
  readonly #providerFor: ConfigProviderFactory;
  readonly #listeners = new Set<(change: BrokerConfigChange) => void>();

  /** `providerFor` serves variables in values (`config-variables.ts`). Errors: ConfigError, as BrokerConfig.fromProperties. */
  constructor(properties: Configs, providerFor: ConfigProviderFactory = () => undefined) {
    this.#providerFor = providerFor;
    this.#current = BrokerConfig.fromProperties(resolveConfigVariables(properties, providerFor));
    this.staticConfigs = this.#current.originals;
  }

  /** The configuration in force. */
  get current(): BrokerConfig {
    return this.#current;
  }

  /** The dynamic defaults of the cluster that are applied. */
  get clusterConfigs(): Configs {
    return this.#clusterConfigs;
  }

  /** The dynamic overrides of this broker that are applied. */
  get brokerConfigs(): Configs {
    return this.#brokerConfigs;
  }

  /** Calls `listener` after each change; the returned function ends that. */
  onChange(listener: (change: BrokerConfigChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Replaces the defaults of the cluster by the stored configurations of the resource BROKER ''. */
  updateCluster(configs: Configs): LayerUpdate {
    return this.#replace(configs, false);
  }

  /** Replaces the overrides of this broker by the stored configurations of its BROKER resource. */
  updateBroker(configs: Configs): LayerUpdate {
    return this.#replace(configs, true);
  }

  /** Whether a layer could be replaced by `configs`: the refusal of an alteration, if any. */
  validate(configs: Configs, perBroker: boolean): ConfigProblem | undefined {
    return configProblemOf(() => {
      const resolved = resolveConfigVariables(configs, this.#providerFor);
      checkDynamicConfigs(resolved, perBroker);
      const layers = perBroker ? [this.#clusterConfigs, resolved] : [resolved, this.#brokerConfigs];
      const next = BrokerConfig.fromProperties(this.#merge(layers));
      if (reconfigurationFault(this.#current, next) !== undefined) {
        throw ruleError('', 'Invalid dynamic configuration');
      }
    }, invalidRequest);
  }

  /** A layer that can be read stays, even when the whole is not valid now: a change of the other layer may make it so. */
  #replace(configs: Configs, perBroker: boolean): LayerUpdate {
    const warnings: string[] = [];
    const previous = this.#current;
    try {
      const resolved = resolveConfigVariables(configs, this.#providerFor);
      const { applied, ignored } = applicableConfigs(resolved, perBroker);
      warnings.push(...ignored, ...inertAmong(applied.keys()).map(inertWarning));
      if (perBroker) this.#brokerConfigs = applied;
      else this.#clusterConfigs = applied;
      const merged = this.#merge([this.#clusterConfigs, this.#brokerConfigs]);
      warnings.push(...clampDynamicConfigs(merged));
      this.#current = BrokerConfig.fromProperties(merged);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return { changed: new Set(), warnings: [...warnings, `Dynamic configs could not be applied: ${error.message}`] };
    }
    const changed = changedNames(previous, this.#current);
    if (changed.size > 0) this.#notify({ previous, current: this.#current, changed });
    return { changed, warnings };
  }

  /** The file with layers over it; a name in a layer takes away its synonyms below. */
  #merge(layers: readonly Configs[]): Map<string, string> {
    const merged = new Map(this.staticConfigs);
    for (const [name, value] of layers.flatMap((layer) => [...layer])) {
      for (const synonym of chainOf(name)) merged.delete(synonym);
      merged.set(name, value);
    }
    return merged;
  }

  #notify(change: BrokerConfigChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function changedNames(previous: BrokerConfig, current: BrokerConfig): Set<string> {
  const changed = new Set<string>();
  for (const [name, value] of current.values.entries()) {
    const type = brokerConfigType(name) ?? 'STRING';
    if (formatValue(value, type) !== formatValue(previous.values.raw(name), type)) changed.add(name);
  }
  const overrides = new Set([...previous.originals.keys(), ...current.originals.keys()].filter(isOverride));
  for (const name of overrides) {
    if (previous.originals.get(name) !== current.originals.get(name)) changed.add(name);
  }
  return changed;
}

function isOverride(name: string): boolean {
  return name.startsWith('listener.name.');
}
