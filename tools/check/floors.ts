/**
 * The house plan: which packages exist, on which floor they stand, and to which tower they belong.
 *
 * The one place where this is written down; layers.ts checks the repository against it. A package imports only from lower floors.
 * The two towers never import each other: the wire is where they meet. Services above stand on the client tower but may use both.
 */

export type Tower = 'base' | 'server' | 'client' | 'service';

export interface Place {
  readonly floor: number;
  readonly tower: Tower;
  /** Wholly pure: all of its source obeys the rules of src/core. */
  readonly pure?: true;
  /** Node modules that its pure code may use besides node:buffer: codecs, and loading a native checksum or a large library when it is needed. */
  readonly nodeModules?: readonly string[];
}

const service = (floor: number): Place => ({ floor, tower: 'service' });

/** Folder under packages/ → place. */
export const floors: Readonly<Record<string, Place>> = {
  base: { floor: 0, tower: 'base' },
  protocol: { floor: 1, tower: 'base', pure: true },
  records: { floor: 1, tower: 'base', pure: true, nodeModules: ['node:zlib', 'node:module'] },
  config: { floor: 1, tower: 'base', pure: true },
  telemetry: { floor: 1, tower: 'base' },
  security: { floor: 2, tower: 'base' },
  log: { floor: 2, tower: 'server' },
  network: { floor: 3, tower: 'base' },
  raft: { floor: 3, tower: 'server' },
  metadata: { floor: 4, tower: 'server', pure: true },
  coordinator: { floor: 5, tower: 'server', pure: true, nodeModules: ['node:module'] },
  broker: { floor: 6, tower: 'server' },
  client: { floor: 4, tower: 'client' },
  serde: { floor: 5, tower: 'client' },
  streams: { floor: 5, tower: 'client' },
  'schema-registry': service(6),
  gateway: service(6),
  connect: service(6),
  replicator: service(6),
  rebalancer: service(6),
  operator: service(6),
  console: service(6),
  cli: service(7),
  bench: service(7),
  testing: service(7),
  sim: service(7),
};

/** The place of a package folder; connectors share one. */
export function placeOf(folder: string): Place | undefined {
  return floors[folder] ?? (folder.startsWith('connect-') ? service(6) : undefined);
}

/** Why `from` may not import `to`, or undefined when it may. */
export function forbiddenImport(from: string, to: string): string | undefined {
  const [here, there] = [placeOf(from), placeOf(to)];
  if (here === undefined || there === undefined) return undefined;
  const towers: readonly Tower[] = [here.tower, there.tower];
  if (towers.includes('server') && towers.includes('client')) {
    return `${from} (${here.tower} tower) may not import ${to} (${there.tower} tower)`;
  }
  if (there.floor < here.floor) return undefined;
  return `${from} (floor ${here.floor}) may not import ${to} (floor ${there.floor})`;
}
