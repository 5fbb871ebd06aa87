/**
 * Decides about finalized features: what may go up, what may go down, and who has to support it first.
 *
 * `kraft.version` is the raft layer's; it is upgraded through a port.
 * Source: org.apache.kafka.controller.FeatureControlManager, QuorumFeatures; KIP-584, KIP-853, KIP-1022.
 */
import { KafkaError } from '@skarab/base';
import {
  ErrorCode,
  newNoOpRecord,
  newUpdateFeaturesResponse,
  type UpdateFeaturesRequest,
  type UpdateFeaturesResponse,
} from '@skarab/protocol';
import { ELR_VERSION_FEATURE, findFeature, KRAFT_VERSION_FEATURE, validateFeatureLevel } from '../feature/feature.ts';
import {
  isControllerRegistrationSupported,
  isKnownMetadataVersion,
  LATEST_TESTING_METADATA_VERSION,
  METADATA_VERSION_FEATURE,
  MINIMUM_METADATA_VERSION,
  metadataChangedBetween,
} from '../feature/metadata-version.ts';
import { DISABLED_RANGE, reasonNotSupported, type VersionRange } from '../feature/version-range.ts';
import { featureLevel, featureLevelRecord } from '../image/features-image.ts';
import type { MetadataRecord } from '../record/metadata-record.ts';
import type { ConfigurationControl } from './configuration-control.ts';
import type { ControllerState } from './controller-state.ts';
import { type Decision, decideAtomically, type ErrorValue, failure } from './decision.ts';

/** Numbers of upgrade types in UpdateFeatures. */
export const UpgradeType = { UNKNOWN: 0, UPGRADE: 1, SAFE_DOWNGRADE: 2, UNSAFE_DOWNGRADE: 3 } as const;

/** The raft layer's own version. */
export interface KraftVersionPort {
  readonly current: number;
  /** Upgrades, or says why that cannot be. */
  upgrade(version: number, validateOnly: boolean): ErrorValue | null;
}

/** What this software supports, and who votes. */
export interface QuorumFeatures {
  readonly nodeId: number;
  readonly supported: ReadonlyMap<string, VersionRange>;
  /** Ids of the controllers that must have registered before a feature changes. */
  readonly quorumNodeIds: readonly number[];
}

interface FeatureUpdate {
  readonly name: string;
  readonly level: number;
  readonly upgradeType: number;
}

type UpdateResult = { readonly records: readonly MetadataRecord[] } | { readonly error: ErrorValue };

/** Decider of features. */
export class FeatureControl {
  readonly #state: ControllerState;
  readonly #configuration: ConfigurationControl;
  readonly #quorum: QuorumFeatures;
  readonly #kraftVersion: KraftVersionPort;

  constructor(
    state: ControllerState,
    configuration: ConfigurationControl,
    quorum: QuorumFeatures,
    kraftVersion: KraftVersionPort,
  ) {
    this.#state = state;
    this.#configuration = configuration;
    this.#quorum = quorum;
    this.#kraftVersion = kraftVersion;
  }

  /** True when the node is a controller of the quorum. */
  isControllerId(nodeId: number): boolean {
    return this.#quorum.quorumNodeIds.includes(nodeId);
  }

  /** Finalized levels of all features, those of the raft layer included. */
  get finalizedLevels(): ReadonlyMap<string, number> {
    const { finalizedVersions } = this.#state.image.features;
    return new Map([
      ...finalizedVersions,
      [METADATA_VERSION_FEATURE, this.#state.metadataVersion],
      [KRAFT_VERSION_FEATURE, this.#kraftVersion.current],
    ]);
  }

  /** Changes all of the features or none. */
  updateFeatures(request: UpdateFeaturesRequest, requestVersion: number): Decision<UpdateFeaturesResponse> {
    const updates = request.featureUpdates.map((update) => ({
      name: update.feature,
      level: update.maxVersionLevel,
      upgradeType: update.upgradeType,
    }));
    const result = this.#update(updates, request.validateOnly);
    if ('error' in result) {
      const text = `The update failed for all features since the following feature had an error: ${result.error.message}`;
      const response = newUpdateFeaturesResponse({ errorCode: result.error.code, errorMessage: text });
      return decideAtomically([], response);
    }
    const results =
      requestVersion > 1 ? [] : updates.map(({ name }) => ({ feature: name, errorCode: 0, errorMessage: 'NONE' }));
    const response = newUpdateFeaturesResponse({ errorCode: 0, errorMessage: null, results });
    return decideAtomically(request.validateOnly ? [] : result.records, response);
  }

  #update(updates: readonly FeatureUpdate[], validateOnly: boolean): UpdateResult {
    const proposed = new Map(this.finalizedLevels);
    for (const { name, level } of updates) proposed.set(name, level);
    const records: MetadataRecord[] = [];
    for (const update of updates) {
      const result = this.#updateOne(update, proposed, validateOnly);
      if ('error' in result) return result;
      records.push(...result.records);
    }
    const enablesElr = updates.some(({ name, level }) => name === ELR_VERSION_FEATURE && level > 0);
    return { records: enablesElr ? [...this.#configuration.elrSafetyRecords(), ...records] : records };
  }

  #updateOne(update: FeatureUpdate, proposed: ReadonlyMap<string, number>, validateOnly: boolean): UpdateResult {
    const { name, level } = update;
    const current = this.#currentLevel(name);
    const reason = this.#reasonRefused(update, current);
    if (reason !== null) return invalidUpdate(update, reason);
    if (name === METADATA_VERSION_FEATURE) return updateMetadataVersion(update, current);
    if (name === KRAFT_VERSION_FEATURE) return this.#updateKraftVersion(update, current, validateOnly);
    try {
      validateFeatureLevel(findFeature(name)!, level, proposed);
    } catch (error) {
      if (error instanceof KafkaError) return invalidUpdate(update, error.message);
      throw error;
    }
    return { records: [featureLevelRecord(name, level)] };
  }

  #currentLevel(name: string): number {
    if (name === METADATA_VERSION_FEATURE) return this.#state.metadataVersion;
    return name === KRAFT_VERSION_FEATURE ? this.#kraftVersion.current : featureLevel(this.#state.image.features, name);
  }

  #reasonRefused({ name, level, upgradeType }: FeatureUpdate, current: number): string | null {
    if (upgradeType < UpgradeType.UPGRADE || upgradeType > UpgradeType.UNSAFE_DOWNGRADE) {
      return 'The controller does not support the given upgrade type.';
    }
    if (level < 0) return 'A feature version cannot be less than 0.';
    const reason = this.#reasonNotSupported(name, level);
    if (reason !== null) return reason;
    if (level < current && upgradeType === UpgradeType.UPGRADE) {
      return "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.";
    }
    if (level > current && upgradeType !== UpgradeType.UPGRADE) return "Can't downgrade to a newer version.";
    return null;
  }

  /** Which node does not support the level: this one, a broker, or a controller, registered or not. */
  #reasonNotSupported(name: string, level: number): string | null {
    const { nodeId, supported, quorumNodeIds } = this.#quorum;
    const local = reasonNotSupported(level, `Local controller ${nodeId}`, supported.get(name) ?? DISABLED_RANGE);
    if (local !== null) return local;
    const { brokers, controllers } = this.#state.image.cluster;
    for (const { id, supportedFeatures } of brokers.values()) {
      const reason = reasonNotSupported(level, `Broker ${id}`, supportedFeatures.get(name) ?? DISABLED_RANGE);
      if (reason !== null) return reason;
    }
    if (!isControllerRegistrationSupported(this.#state.metadataVersion)) return null;
    for (const { id, supportedFeatures } of controllers.values()) {
      if (id === nodeId) continue;
      const reason = reasonNotSupported(level, `Controller ${id}`, supportedFeatures.get(name) ?? DISABLED_RANGE);
      if (reason !== null) return reason;
    }
    const missing = quorumNodeIds.find((id) => id !== nodeId && !controllers.has(id));
    return missing === undefined ? null : `controller ${missing} has not registered, and may not support this feature`;
  }

  #updateKraftVersion(update: FeatureUpdate, current: number, validateOnly: boolean): UpdateResult {
    if (update.upgradeType !== UpgradeType.UPGRADE) {
      return update.level === current
        ? { records: [] }
        : invalidUpdate(update, "Can't downgrade the version of this feature.");
    }
    const error = this.#kraftVersion.upgrade(update.level, validateOnly);
    // The idle record gives the response an offset to wait for, behind the raft layer's own records.
    return error === null ? { records: [{ type: 'NoOpRecord', version: 0, data: newNoOpRecord() }] } : { error };
  }
}

function updateMetadataVersion(update: FeatureUpdate, current: number): UpdateResult {
  const { level, upgradeType } = update;
  if (!isKnownMetadataVersion(level)) {
    const range = `${MINIMUM_METADATA_VERSION} to ${LATEST_TESTING_METADATA_VERSION}`;
    return invalidVersion(`Invalid metadata.version ${level}. Valid versions are from ${range}.`);
  }
  if (level < current && metadataChangedBetween(level, current)) {
    const why =
      upgradeType === UpgradeType.UNSAFE_DOWNGRADE
        ? 'Unsafe metadata downgrade is not supported in this version.'
        : 'Refusing to perform the requested downgrade because it might delete metadata information.';
    return invalidVersion(`Unsupported metadata.version downgrade from ${current} to ${level}. ${why}`);
  }
  return { records: [featureLevelRecord(METADATA_VERSION_FEATURE, level)] };
}

function invalidUpdate({ name, level }: FeatureUpdate, reason: string): UpdateResult {
  return invalidVersion(`Invalid update version ${level} for feature ${name}. ${reason}`);
}

function invalidVersion(message: string): UpdateResult {
  return { error: failure(ErrorCode.INVALID_UPDATE_VERSION, message) };
}
