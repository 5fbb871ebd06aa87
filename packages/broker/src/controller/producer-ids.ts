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
  #next: Promise<ProducerIdBlock> | undefined;

  constructor(allocate: AllocateProducerIds) {
    this.#allocate = allocate;
  }

  /** The next unused id. Rejects as the allocation does when no block can be had. */
  async next(): Promise<number> {
    while (this.#used >= this.#current.length) {
      this.#next ??= this.#allocate();
      const waitedFor = this.#next;
      try {
        const block = await waitedFor;
        if (this.#next === waitedFor) this.#begin(block);
      } catch (error) {
        if (this.#next === waitedFor) this.#next = undefined;
        throw error;
      }
    }
    const id = this.#current.first + this.#used++;
    if (this.#used >= this.#current.length * PREFETCH_FRACTION && this.#next === undefined) this.#prefetch();
    return id;
  }

  #begin(block: ProducerIdBlock): void {
    this.#current = block;
    this.#used = 0;
    this.#next = undefined;
  }

  #prefetch(): void {
    const asked = this.#allocate();
    this.#next = asked;
    asked.catch(() => {
      if (this.#next === asked) this.#next = undefined;
    });
  }
}
