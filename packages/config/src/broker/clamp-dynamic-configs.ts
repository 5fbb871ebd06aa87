/**
 * Keeps dynamically set assignment intervals within the bounds of the broker's file, as they may have been stored under other bounds.
 *
 * Source: GroupCoordinatorConfig.clampDynamicConfigs.
 */
import { brokerConfigDef, parseConfigValue } from '../config-def.ts';

/** Caps values of `configs` in place; says in words what was capped. Errors: ConfigError. */
export function clampDynamicConfigs(configs: Map<string, string>): string[] {
  return ['consumer', 'share', 'streams'].flatMap((kind) => {
    const name = `group.${kind}.assignment.interval.ms`;
    if (!configs.has(name)) return [];
    const min = numberOf(`group.${kind}.min.assignment.interval.ms`, configs);
    const max = numberOf(`group.${kind}.max.assignment.interval.ms`, configs);
    const value = numberOf(name, configs);
    const capped = Math.min(max, Math.max(min, value));
    if (capped === value) return [];
    configs.set(name, String(capped));
    const bound = value < min ? `is below the allowed minimum ${min}` : `exceeds the allowed maximum ${max}`;
    return [`The config '${name}' has value ${value} which ${bound}. The effective value will be capped to ${capped}.`];
  });
}

function numberOf(name: string, configs: ReadonlyMap<string, string>): number {
  const text = configs.get(name);
  const key = brokerConfigDef.get(name);
  return Number(text === undefined || key === undefined ? brokerConfigDef.default(name) : parseConfigValue(key, text));
}
