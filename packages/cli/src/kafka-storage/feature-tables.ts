/**
 * `version-mapping` and `feature-dependencies`: what Kafka's releases and feature levels mean, as text.
 *
 * The tables belong to @skarab/metadata. Pure.
 */
import {
  defaultLevel,
  LATEST_PRODUCTION_METADATA_VERSION,
  METADATA_VERSION_FEATURE,
  metadataVersionName,
  PRODUCTION_FEATURES,
  parseMetadataVersion,
} from '@skarab/metadata';
import { TerseFailure } from './terse-failure.ts';

/** The levels of all features in a release. Errors: TerseFailure for a release nobody knows. */
export function versionMapping(release: string | undefined): string {
  const name = release ?? metadataVersionName(LATEST_PRODUCTION_METADATA_VERSION);
  const level = terse(() => parseMetadataVersion(name, true));
  const rows = PRODUCTION_FEATURES.map((feature) => `${feature.name}=${defaultLevel(feature, level)}\n`);
  return `${METADATA_VERSION_FEATURE}=${level} (${name})\n${rows.join('')}`;
}

/** What the feature levels, `feature=level` each, need. Errors: TerseFailure, after `print` got what came before. */
export function printFeatureDependencies(wanted: readonly string[], print: (text: string) => void): void {
  for (const text of wanted) print(dependenciesOf(text));
}

function dependenciesOf(text: string): string {
  const equals = text.indexOf('=');
  if (equals < 0) {
    throw new TerseFailure(
      `Invalid feature format: ${text}. Expected format: 'feature=version' (e.g. 'group.version=1')`,
    );
  }
  const name = text.slice(0, equals).trim();
  const level = parseLevel(text.slice(equals + 1).trim());
  if (level === undefined) {
    throw new TerseFailure(`Invalid version format: ${text.slice(equals + 1).trim()} for feature ${name}`);
  }
  if (name === METADATA_VERSION_FEATURE) {
    const version = knownMetadataVersion(level);
    if (version === undefined) throw new TerseFailure(`Unknown metadata.version ${level}`);
    return `${name}=${level} (${version}) has no dependencies.\n`;
  }
  const feature = PRODUCTION_FEATURES.find((candidate) => candidate.name === name);
  if (feature === undefined) throw new TerseFailure(`Unknown feature: ${name}`);
  const entry = feature.levels.find((candidate) => candidate.level === level);
  if (entry === undefined) throw new TerseFailure(`Feature level ${level} is not supported for feature ${name}`);
  const needs = Object.entries(entry.dependencies);
  if (needs.length === 0) return `${name}=${level} has no dependencies.\n`;
  const lines = needs.map(([other, minimum]) => {
    const suffix = other === METADATA_VERSION_FEATURE ? ` (${metadataVersionName(minimum)})` : '';
    return `    ${other}=${minimum}${suffix}\n`;
  });
  return `${name}=${level} requires:\n${lines.join('')}`;
}

/** A 16-bit number as Java reads one. */
export function parseLevel(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const level = Number(text);
  return level >= -32768 && level <= 32767 ? level : undefined;
}

function knownMetadataVersion(level: number): string | undefined {
  try {
    return metadataVersionName(level);
  } catch {
    return undefined;
  }
}

function terse<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new TerseFailure((error as Error).message);
  }
}
