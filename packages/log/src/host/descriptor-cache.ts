/**
 * Keeps at most so many descriptors open, whatever the number of files: ten thousand partitions have thirty thousand files.
 *
 * Least recently used first; retained files are passed over, so the bound may be exceeded by what is being sent at the moment.
 */

/** Somebody whose descriptor the cache may close. */
export interface DescriptorOwner {
  /** True while the descriptor must stay open. */
  readonly isRetained: boolean;
  closeDescriptor(): void;
}

export class DescriptorCache {
  readonly #maxOpen: number;
  /** In order of use, the longest unused first. */
  readonly #owners = new Set<DescriptorOwner>();
  #latest: DescriptorOwner | undefined;

  constructor(maxOpen: number) {
    this.#maxOpen = maxOpen;
  }

  /** Descriptors open now. */
  get openCount(): number {
    return this.#owners.size;
  }

  /** A descriptor was opened; closes others where there are too many. */
  add(owner: DescriptorOwner): void {
    this.#owners.add(owner);
    this.#latest = owner;
    if (this.#owners.size > this.#maxOpen) this.#evict(owner);
  }

  /** A descriptor was used. */
  touch(owner: DescriptorOwner): void {
    if (this.#latest === owner) return;
    this.#owners.delete(owner);
    this.#owners.add(owner);
    this.#latest = owner;
  }

  /** A descriptor was closed. */
  remove(owner: DescriptorOwner): void {
    this.#owners.delete(owner);
    if (this.#latest === owner) this.#latest = undefined;
  }

  /** Runs what opens a file; again with room made when the process has no descriptors left. Errors: those of `open`. */
  withRoom<Result>(open: () => Result): Result {
    try {
      return open();
    } catch (error) {
      if (!isOutOfDescriptors(error) || !this.#shrink()) throw error;
      return open();
    }
  }

  /** The same for what opens files in the background. Errors: rejects with those of `open`. */
  async withRoomFor<Result>(open: () => Promise<Result>): Promise<Result> {
    try {
      return await open();
    } catch (error) {
      if (!isOutOfDescriptors(error) || !this.#shrink()) throw error;
      return open();
    }
  }

  /** Closes half of what is open; returns whether that closed any. */
  #shrink(): boolean {
    const before = this.#owners.size;
    let left = Math.ceil(before / 2);
    for (const owner of [...this.#owners]) {
      if (left <= 0) break;
      if (owner.isRetained) continue;
      owner.closeDescriptor();
      left--;
    }
    return this.#owners.size < before;
  }

  /** Closes all that are not retained. */
  closeAll(): void {
    for (const owner of [...this.#owners]) {
      if (!owner.isRetained) owner.closeDescriptor();
    }
  }

  #evict(newest: DescriptorOwner): void {
    // Several at once: finding the first one gets slow when the set has lost many from its front.
    const wanted = this.#maxOpen - Math.floor(this.#maxOpen / 16);
    for (const owner of this.#owners) {
      if (owner === newest || owner.isRetained) continue;
      owner.closeDescriptor();
      if (this.#owners.size <= wanted) return;
    }
  }
}

function isOutOfDescriptors(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'EMFILE' || code === 'ENFILE';
}
