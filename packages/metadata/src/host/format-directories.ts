/**
 * Formats the log directories of a node: `meta.properties`, `bootstrap.checkpoint`, and for a dynamic quorum the first snapshot.
 *
 * `meta.properties` comes last: a directory that has it is formatted completely. Source: org.apache.kafka.metadata.storage.Formatter,
 * org.apache.kafka.metadata.properties.MetaPropertiesEnsemble.
 */
import { type Clock, crypto, type Random, randomUuid, StateError, type Uuid } from '@skarab/base';
import {
  decodeMetaProperties,
  encodeMetaProperties,
  META_PROPERTIES,
  type MetaProperties,
  type Storage,
} from '@skarab/log';
import { newUserScramCredentialRecord } from '@skarab/protocol';
import {
  BOOTSTRAP_SNAPSHOT_ID,
  raftLogDirectory,
  SNAPSHOT_SUFFIX,
  SnapshotBatches,
  SUPPORTED_KRAFT_VERSIONS,
  snapshotName,
  VoterSet,
} from '@skarab/raft';
import {
  type BootstrapMetadata,
  bootstrapFromLevels,
  describeBootstrap,
} from '../core/bootstrap/bootstrap-metadata.ts';
import { isReservedDirectory } from '../core/directory-id.ts';
import { KRAFT_VERSION_FEATURE } from '../core/feature/feature.ts';
import { isScramSupported, METADATA_VERSION_FEATURE, metadataVersionName } from '../core/feature/metadata-version.ts';
import { checkFormatRequest, directoryKind, type FormatRequest } from '../core/format/format-request.ts';
import { initialLevels } from '../core/format/initial-levels.ts';
import { parseScramArgument } from '../core/format/scram-argument.ts';
import { ScramMechanismId } from '../core/image/scram-image.ts';
import type { MetadataRecord } from '../core/record/metadata-record.ts';
import { writeBootstrap } from './bootstrap-file.ts';
import { scramKeys } from './scram-keys.ts';

/** Where formatting happens. */
export interface FormatEnvironment {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly random: Random;
}

const SALT_BYTES = 32;

/**
 * Formats what is not formatted, saying line by line what it does, in the words of Kafka's tool.
 * Errors: rejects with `KafkaError` and Kafka's text; what was formatted before stays.
 */
export async function formatDirectories(
  environment: FormatEnvironment,
  request: FormatRequest,
  print: (line: string) => void,
): Promise<void> {
  checkFormatRequest(request);
  const levels = initialLevels(request);
  const bootstrap = bootstrapOf(environment.random, request, levels);
  const directories = [...new Set(request.directories)].sort();
  const { formatted, empty } = examine(environment.storage, directories, request, print);
  if (empty.length === 0) {
    print('All of the log directories are already formatted.');
    return;
  }
  print(`Bootstrap metadata: ${describeBootstrap(bootstrap)}`);
  const taken = new Set([...formatted.values()].map(({ directoryId }) => directoryId));
  for (const directory of empty) {
    const kind = directoryKind(directory, request);
    const version = metadataVersionName(bootstrap.metadataVersion);
    print(`Formatting ${kind} directory ${directory} with ${METADATA_VERSION_FEATURE} ${version}.`);
    const own = request.initialControllers?.find(({ id }) => id === request.nodeId);
    const directoryId =
      kind === 'dynamic metadata voter' && own !== undefined ? own.directoryId : newId(environment.random, taken);
    taken.add(directoryId);
    await formatDirectory(environment, request, directory, directoryId, bootstrap, levels);
  }
}

async function formatDirectory(
  { storage, clock }: FormatEnvironment,
  request: FormatRequest,
  directory: string,
  directoryId: Uuid,
  bootstrap: BootstrapMetadata,
  levels: ReadonlyMap<string, number>,
): Promise<void> {
  storage.makeDirectory(directory);
  await writeBootstrap(storage, directory, bootstrap, clock.nowMs());
  if (directoryKind(directory, request).startsWith('dynamic')) {
    await writeFirstSnapshot(storage, request, directory, levels.get(KRAFT_VERSION_FEATURE) ?? 0, clock.nowMs());
  }
  const properties = { version: 1, clusterId: request.clusterId, nodeId: request.nodeId, directoryId };
  const bytes = encodeMetaProperties(properties, javaDate(clock.nowMs()));
  await storage.replaceFileDurably(`${directory}/${META_PROPERTIES}`, bytes);
}

/** The snapshot that names the first voters. */
async function writeFirstSnapshot(
  storage: Storage,
  { initialControllers = [], controllerListenerName }: FormatRequest,
  directory: string,
  kraftVersion: number,
  nowMs: number,
): Promise<void> {
  const voters = new VoterSet(
    initialControllers.map(({ id, directoryId, host, port }) => ({
      key: { id, directoryId },
      endpoints: [{ name: controllerListenerName.toUpperCase(), host, port }],
      kraftVersions: SUPPORTED_KRAFT_VERSIONS,
    })),
  );
  const batches = new SnapshotBatches(BOOTSTRAP_SNAPSHOT_ID.epoch);
  const header = batches.header({ lastContainedLogTimestampMs: nowMs, kraftVersion, voters }, nowMs);
  const folder = raftLogDirectory(directory);
  storage.makeDirectory(folder);
  const path = `${folder}/${snapshotName(BOOTSTRAP_SNAPSHOT_ID)}${SNAPSHOT_SUFFIX}`;
  await storage.replaceFileDurably(path, Buffer.concat([header, batches.footer(nowMs)]));
}

interface Examination {
  readonly formatted: ReadonlyMap<string, MetaProperties>;
  readonly empty: readonly string[];
}

/** Which directories are formatted, and whether they may be there. Errors: `StateError`. */
function examine(
  storage: Storage,
  directories: readonly string[],
  request: FormatRequest,
  print: (line: string) => void,
): Examination {
  const formatted = new Map<string, MetaProperties>();
  const empty: string[] = [];
  const unreadable: string[] = [];
  for (const directory of directories) {
    const file = `${directory}/${META_PROPERTIES}`;
    try {
      const bytes = storage.readFile(file);
      if (bytes === null) empty.push(directory);
      else formatted.set(directory, decodeMetaProperties(bytes, file));
    } catch {
      unreadable.push(directory);
    }
  }
  verify(formatted, request);
  const [first] = formatted.keys();
  if (first !== undefined && !request.ignoreFormatted) {
    throw new StateError(
      `Log directory ${first} is already formatted. Use --ignore-formatted to ignore this directory and format the others.`,
    );
  }
  for (const directory of unreadable) print(`I/O error trying to read log directory ${directory}. Ignoring...`);
  if (unreadable.length > 0 && empty.length === 0 && formatted.size === 0) {
    throw new StateError('No available log directories to format.');
  }
  return { formatted, empty };
}

function verify(formatted: ReadonlyMap<string, MetaProperties>, { clusterId, nodeId }: FormatRequest): void {
  const owners = new Map<Uuid, string>();
  for (const [directory, properties] of formatted) {
    const path = `${directory}/${META_PROPERTIES}`;
    if (properties.clusterId !== null && properties.clusterId !== clusterId) {
      throw new StateError(`Invalid cluster.id in: ${path}. Expected ${clusterId}, but read ${properties.clusterId}`);
    }
    if (properties.nodeId !== null && properties.nodeId !== nodeId) {
      throw new StateError(
        `Stored node id ${properties.nodeId} doesn't match previous node id ${nodeId} in ${path}. If you moved your data, make sure ` +
          'your configured node id matches. If you intend to create a new node, you should remove all data in your data directories.',
      );
    }
    const { directoryId } = properties;
    if (directoryId === null) continue;
    if (isReservedDirectory(directoryId)) {
      throw new StateError(`Invalid reserved directory ID ${directoryId} found in ${directory}`);
    }
    const owner = owners.get(directoryId);
    if (owner !== undefined) {
      throw new StateError(
        `Duplicate directory ID Optional[${directoryId}] found. It was the ID of ${owner}, but also of ${directory}`,
      );
    }
    owners.set(directoryId, directory);
  }
}

function bootstrapOf(
  random: Random,
  { scramArguments = [] }: FormatRequest,
  levels: ReadonlyMap<string, number>,
): BootstrapMetadata {
  const metadataVersion = levels.get(METADATA_VERSION_FEATURE) ?? 0;
  const bootstrap = bootstrapFromLevels(metadataVersion, levels, 'format command');
  if (scramArguments.length === 0) return bootstrap;
  if (!isScramSupported(metadataVersion)) {
    throw new StateError(`SCRAM is only supported in ${METADATA_VERSION_FEATURE} 3.5-IV2 or later.`);
  }
  const credentials = scramArguments.map((argument) => scramRecordOf(random, argument));
  return { ...bootstrap, records: [...bootstrap.records, ...credentials] };
}

function scramRecordOf(random: Random, argument: string): MetadataRecord {
  const { name, mechanism, salt: givenSalt, iterations, secret } = parseScramArgument(argument);
  const salt = givenSalt ?? new Uint8Array(random.bytes(SALT_BYTES));
  const [digest, length] = mechanism === ScramMechanismId.SCRAM_SHA_512 ? ['sha512', 64] : ['sha256', 32];
  const saltedPassword =
    'saltedPassword' in secret
      ? secret.saltedPassword
      : crypto().pbkdf2Sync(secret.password, salt, iterations, length as number, digest as string);
  const keys = scramKeys(mechanism, saltedPassword);
  const data = newUserScramCredentialRecord({ name, mechanism, salt, iterations, ...keys });
  return { type: 'UserScramCredentialRecord', version: 0, data };
}

function newId(random: Random, taken: ReadonlySet<Uuid | null>): Uuid {
  for (;;) {
    const id = randomUuid(random.bytes);
    if (!isReservedDirectory(id) && !taken.has(id)) return id;
  }
}

/** A time as Java writes it into properties files: `Sat Nov 21 11:15:48 UTC 2026`. */
function javaDate(nowMs: number): string {
  const [weekday = '', day, month, year, time] = new Date(nowMs).toUTCString().split(' ');
  return `${weekday.replace(',', '')} ${month} ${day} ${time} UTC ${year}`;
}
