/**
 * The access control entries of an image by what they are about: literal names are looked up, prefixes are tried.
 */
import type { AclsImage, StandardAcl } from '../image/acls-image.ts';

/** The name that stands for every resource of a type. */
export const WILDCARD = '*';
const PREFIXED = 4;

interface TypeEntries {
  readonly all: StandardAcl[];
  readonly byName: Map<string, StandardAcl[]>;
  readonly prefixed: Map<string, StandardAcl[]>;
}

export class AclIndex {
  /** What is indexed. */
  readonly image: AclsImage;
  readonly #byType = new Map<number, TypeEntries>();

  constructor(image: AclsImage) {
    this.image = image;
    for (const acl of image.acls.values()) {
      const entries = this.#entriesOf(acl.resourceType);
      entries.all.push(acl);
      const byName = acl.patternType === PREFIXED ? entries.prefixed : entries.byName;
      const named = byName.get(acl.resourceName);
      if (named === undefined) byName.set(acl.resourceName, [acl]);
      else named.push(acl);
    }
  }

  /** The entries about all resources of a type. */
  ofType(resourceType: number): readonly StandardAcl[] {
    return this.#byType.get(resourceType)?.all ?? [];
  }

  /** The entries about one resource: of its name, of every name, and of what its name begins with. */
  *about(resourceType: number, name: string): Generator<StandardAcl> {
    const entries = this.#byType.get(resourceType);
    if (entries === undefined) return;
    yield* entries.byName.get(name) ?? [];
    if (name !== WILDCARD) yield* entries.byName.get(WILDCARD) ?? [];
    for (const [prefix, acls] of entries.prefixed) if (name.startsWith(prefix)) yield* acls;
  }

  #entriesOf(resourceType: number): TypeEntries {
    let entries = this.#byType.get(resourceType);
    if (entries === undefined) {
      entries = { all: [], byName: new Map(), prefixed: new Map() };
      this.#byType.set(resourceType, entries);
    }
    return entries;
  }
}
