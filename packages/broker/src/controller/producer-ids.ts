/**
 * Hands out producer ids from blocks that the controller allocates, asking for the next block before the current one runs out.
 *
 * Source: KIP-730, org.apache.kafka.coordinator.transaction.RPCProducerIdManager.
 */

/** A block of ids: `[first, first + length)`. */
export interface ProducerIdBlock {
  readonly first: number;
  readonly length: number;
}

/** Asks the controller for a block. */
export type AllocateProducerIds = () => Promise<ProducerIdBlock>;

const PREFETCH_FRACTION = 0.9;

export class ProducerIds {
  readonly #allocate: AllocateProducerIds;
  #current: ProducerIdBlock = { first: 0, length: 0 };
  #used = 0;
  /** The block after the current one, once it is there. */
  #next: ProducerIdBlock | undefined;
  #asked: Promise<void> | undefined;

  constructor(allocate: AllocateProducerIds) {
    this.#allocate = allocate;
  }

  /** The next unused id. Rejects as the allocation does when no block can be had. */
  async next(): Promise<number> {
    for (;;) {
      const id = this.takeNow();
      if (id !== null) return id;
      await this.whenAvailable();
    }
  }

  /** The next unused id, or null when none is at hand; then a block is asked for. */
  takeNow(): number | null {
    if (!this.#isAvailable) {
      this.#prefetch();
      return null;
    }
    const id = this.#current.first + this.#used++;
    if (this.#used >= this.#current.length * PREFETCH_FRACTION) this.#prefetch();
    return id;
  }

  /** Resolves when an id is at hand. Rejects as the allocation does when no block can be had. */
  async whenAvailable(): Promise<void> {
    while (!this.#isAvailable) await this.#ask();
  }

  get #isAvailable(): boolean {
    if (this.#used >= this.#current.length && this.#next !== undefined) {
      this.#current = this.#next;
      this.#used = 0;
      this.#next = undefined;
    }
    return this.#used < this.#current.length;
  }

  /** Asks for the next block unless it is there; who takes an id later is told if that failed. */
  #prefetch(): void {
    if (this.#next === undefined) this.#ask().catch(() => {});
  }

  #ask(): Promise<void> {
    this.#asked ??= this.#allocate().then(
      (block) => {
        this.#asked = undefined;
        this.#next = block;
      },
      (error: unknown) => {
        this.#asked = undefined;
        throw error;
      },
    );
    return this.#asked;
  }
}
