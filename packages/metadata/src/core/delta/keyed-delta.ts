/**
 * Entries set and removed since an image, where the image is one persistent map: access control entries, SCRAM credentials, tokens.
 *
 * Source: org.apache.kafka.image.AclsDelta, ScramDelta, DelegationTokenDelta.
 */
import type { PersistentMap } from '../persistent-map.ts';
import { type Changes, removeUnmentioned } from './map-changes.ts';

/** Changes of a persistent map. */
export class KeyedDelta<V> {
  /** The map before. */
  readonly image: PersistentMap<V>;
  /** New values by key; null marks a removed entry. */
  readonly changes: Changes<string, V> = new Map();

  constructor(image: PersistentMap<V>) {
    this.image = image;
  }

  replaySet(key: string, value: V): void {
    this.changes.set(key, value);
  }

  replayRemove(key: string): void {
    if (this.image.has(key)) this.changes.set(key, null);
    else this.changes.delete(key);
  }

  finishSnapshot(): void {
    removeUnmentioned(this.image.keys(), this.changes);
  }

  /** The map as it is now. */
  apply(): PersistentMap<V> {
    let map = this.image;
    for (const [key, value] of this.changes) map = value === null ? map.delete(key) : map.set(key, value);
    return map;
  }
}
