/**
 * One configuration as Kafka defines it, and the validators such a definition can carry.
 *
 * The catalogue in `generated/` is made of these; parsing and checking values against them is `parse-value.ts` and `validator.ts`.
 * Source: Kafka's ConfigDef.ConfigKey.
 */

/** The types a configuration value can have. */
export type ConfigType = 'BOOLEAN' | 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD';

/** Whether a broker configuration can be changed while the broker runs, and for whom. */
export type UpdateMode = 'read-only' | 'per-broker' | 'cluster-wide';

/** What a parsed value must satisfy. `text` is what Kafka prints as the valid values; bounds are kept as text, as errors print them. */
export type Validator = { readonly text: string } & (
  | { readonly kind: 'range'; readonly min: string | null; readonly max: string | null }
  | { readonly kind: 'rangeOr'; readonly min: number; readonly max: number; readonly or: number }
  | { readonly kind: 'in'; readonly values: readonly string[] }
  | { readonly kind: 'inIgnoringCase'; readonly values: readonly string[] }
  | {
      readonly kind: 'list';
      readonly values: readonly string[];
      readonly emptyAllowed: boolean;
      readonly nullAllowed: boolean;
    }
  | { readonly kind: 'nonEmpty' }
  | { readonly kind: 'nonNull' }
  | { readonly kind: 'throttledReplicas' }
  | { readonly kind: 'quorumVoters' }
  | { readonly kind: 'quorumBootstrapServers' }
  | { readonly kind: 'shareAutoOffsetReset' }
);

/** A broker configuration whose value times `multiplier` is used when the configuration itself is not set. */
export interface ConfigSynonym {
  readonly name: string;
  readonly multiplier: number;
}

/** One configuration. */
export interface ConfigKey {
  readonly name: string;
  readonly type: ConfigType;
  /** The default as text; null is a default of null, or none at all when `required`. */
  readonly default: string | null;
  readonly required: boolean;
  readonly validator: Validator | null;
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW';
  /** Not documented and not shown unless set. */
  readonly internal: boolean;
  /** Never shown. */
  readonly sensitive: boolean;
  readonly updateMode: UpdateMode;
  /**
   * The broker configurations to take the value from, best first. For a broker configuration: the names that mean the same, itself
   * among them; none when it stands alone.
   */
  readonly synonyms: readonly ConfigSynonym[];
}
