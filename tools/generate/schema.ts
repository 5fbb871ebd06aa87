/**
 * The schema model: Kafka's message JSON files, parsed, checked and with every version range resolved.
 *
 * Texts meant for readers of Kafka ("about") are dropped here; nothing of them reaches the generated code.
 */
import { lowerFirst, words } from './names.ts';
import { intersect, parseVersions, type Versions } from './versions.ts';

/** Field types that are not structs or arrays. */
export const PRIMITIVES = [
  'bool',
  'int8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'float64',
  'string',
  'uuid',
  'bytes',
  'records',
] as const;

/** Name of a primitive type. */
export type Primitive = (typeof PRIMITIVES)[number];

/** The type of a field. */
export type FieldType =
  | { kind: 'primitive'; name: Primitive }
  | { kind: 'struct'; struct: Struct }
  | { kind: 'array'; element: Exclude<FieldType, { kind: 'array' }> };

/** A field; its ranges are already cut down to those of the struct it is in. */
export interface Field {
  /** Name in generated code, camelCase. */
  readonly name: string;
  readonly type: FieldType;
  readonly versions: Versions | null;
  readonly nullable: Versions | null;
  readonly tagged: Versions | null;
  readonly tag: number | null;
  readonly ignorable: boolean;
  /** Default as written in the schema; `undefined` where there is none. */
  readonly defaultText: string | undefined;
  /** False for the one field (the client id of the request header) that keeps old lengths in flexible versions. */
  readonly flexible: boolean;
}

/** A struct: the message itself or one nested in it. */
export interface Struct {
  /** Kafka's name. */
  readonly kafkaName: string;
  /** Name of the TypeScript interface; unique in the package. Set by `assignTypeNames`. */
  typeName: string;
  readonly versions: Versions;
  fields: Field[];
}

/** What a schema is for. */
export type MessageKind =
  | 'request'
  | 'response'
  | 'header'
  | 'data'
  | 'metadata'
  | 'coordinator-key'
  | 'coordinator-value';

/** One schema file. */
export interface Message {
  readonly name: string;
  readonly kind: MessageKind;
  readonly apiKey: number | null;
  /** `null`: removed from Kafka; nothing is generated but its key. */
  readonly validVersions: Versions | null;
  readonly flexibleVersions: Versions | null;
  readonly latestVersionUnstable: boolean;
  readonly listeners: readonly string[];
  /** All structs, the message itself first. */
  readonly structs: Struct[];
}

interface RawField {
  name: string;
  type: string;
  versions?: string;
  nullableVersions?: string;
  taggedVersions?: string;
  flexibleVersions?: string;
  tag?: number;
  ignorable?: boolean;
  default?: unknown;
  fields?: RawField[];
}

interface RawSchema {
  name: string;
  type: MessageKind;
  apiKey?: number;
  validVersions: string;
  flexibleVersions?: string;
  latestVersionUnstable?: boolean;
  listeners?: string[];
  fields?: RawField[];
  commonStructs?: { name: string; versions: string; fields: RawField[] }[];
}

/** Parses one schema file (JSON with line comments). */
export function parseSchema(text: string, label: string): Message {
  const raw = parseCommentedJson(text, label);
  const validVersions = parseVersions(raw.validVersions);
  const flexible = raw.flexibleVersions === undefined ? null : parseVersions(raw.flexibleVersions);
  const structs: Struct[] = [];
  if (validVersions !== null) {
    const byName = new Map<string, Struct>();
    const top: Struct = { kafkaName: raw.name, typeName: raw.name, versions: validVersions, fields: [] };
    structs.push(top);
    const common = raw.commonStructs ?? [];
    for (const { name, versions } of common) {
      const range = intersect(parseVersions(versions), validVersions);
      if (range !== null) byName.set(name, { kafkaName: name, typeName: name, versions: range, fields: [] });
    }
    const context = { label, structs, byName };
    top.fields = parseFields(raw.fields ?? [], validVersions, context);
    for (const { name, fields } of common) {
      const struct = byName.get(name);
      if (struct === undefined) continue;
      structs.push(struct);
      struct.fields = parseFields(fields, struct.versions, context);
    }
  }
  return {
    name: raw.name,
    kind: raw.type,
    apiKey: raw.apiKey ?? null,
    validVersions,
    flexibleVersions: intersect(flexible, validVersions),
    latestVersionUnstable: raw.latestVersionUnstable ?? false,
    listeners: raw.listeners ?? [],
    structs,
  };
}

function parseCommentedJson(text: string, label: string): RawSchema {
  const json = text.replace(/("(?:[^"\\]|\\.)*")|\/\/[^\n]*/g, (_, string: string | undefined) => string ?? '');
  try {
    return JSON.parse(json) as RawSchema;
  } catch (cause) {
    throw new Error(`${label}: not a schema`, { cause });
  }
}

interface Context {
  readonly label: string;
  readonly structs: Struct[];
  readonly byName: Map<string, Struct>;
}

function parseFields(raws: readonly RawField[], parent: Versions, context: Context): Field[] {
  return raws.map((raw) => {
    const taggedRange = raw.taggedVersions === undefined ? null : parseVersions(raw.taggedVersions);
    const range = raw.versions === undefined ? taggedRange : parseVersions(raw.versions);
    const versions = intersect(range, parent);
    return {
      name: lowerFirst(raw.name),
      type: parseType(raw, raw.type, versions ?? parent, context),
      versions,
      nullable: intersect(raw.nullableVersions === undefined ? null : parseVersions(raw.nullableVersions), versions),
      tagged: intersect(taggedRange, versions),
      tag: raw.tag ?? null,
      ignorable: raw.ignorable ?? false,
      // A JSON null is no default; the text 'null' is the default null.
      defaultText: raw.default === undefined || raw.default === null ? undefined : String(raw.default),
      flexible: raw.flexibleVersions !== 'none',
    };
  });
}

function parseType(raw: RawField, type: string, versions: Versions, context: Context): FieldType {
  if (type.startsWith('[]')) {
    const element = parseType(raw, type.slice(2), versions, context);
    if (element.kind === 'array') throw new Error(`${context.label}: array of arrays in ${raw.name}`);
    return { kind: 'array', element };
  }
  const primitive = PRIMITIVES.find((name) => name === type);
  if (primitive !== undefined) return { kind: 'primitive', name: primitive };
  const known = context.byName.get(type);
  if (known !== undefined) return { kind: 'struct', struct: known };
  if (raw.fields === undefined) throw new Error(`${context.label}: unknown type ${type} of ${raw.name}`);
  const struct: Struct = { kafkaName: type, typeName: type, versions, fields: [] };
  context.byName.set(type, struct);
  context.structs.push(struct);
  struct.fields = parseFields(raw.fields, versions, context);
  return { kind: 'struct', struct };
}

/**
 * Gives every struct a name that is unique in the package: Kafka's own where no other schema uses it and it says enough (two words or
 * more), else with the message's name in front.
 */
export function assignTypeNames(messages: readonly Message[]): void {
  const uses = new Map<string, number>();
  for (const { kafkaName } of messages.flatMap((message) => message.structs)) {
    uses.set(kafkaName, (uses.get(kafkaName) ?? 0) + 1);
  }
  const taken = new Set<string>();
  for (const message of messages) {
    for (const struct of message.structs) {
      const clear = uses.get(struct.kafkaName) === 1 && words(struct.kafkaName).length > 1;
      if (struct !== message.structs[0] && !clear) struct.typeName = `${message.name}${struct.kafkaName}`;
      if (taken.has(struct.typeName)) throw new Error(`two structs are named ${struct.typeName}`);
      taken.add(struct.typeName);
    }
  }
}
