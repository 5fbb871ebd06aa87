/**
 * Questions to other brokers that may go together: one request per broker is in flight, and what comes meanwhile goes with the next one.
 *
 * Source: org.apache.kafka.server.transaction.AddPartitionsToTxnManager, kafka.coordinator.transaction.TransactionMarkerChannelManager.
 */

/** How batches are made and sent. */
export interface BatchPerBrokerOptions<Item, Answer> {
  /** Two items with the same key never go into one request: its answers would be confused. */
  readonly keyOf: (item: Item) => unknown;
  /** Sends one request; an answer for each item, in order. Never rejects: what went wrong is an answer as well. */
  readonly send: (brokerId: number, items: readonly Item[]) => Promise<readonly Answer[]>;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
}

/** Keeps a request below the size that brokers take, whatever waits. */
export const MAX_ITEMS = 1000;

export class BatchPerBroker<Item, Answer> {
  readonly #options: BatchPerBrokerOptions<Item, Answer>;
  readonly #waiting = new Map<number, Waiting<Item, Answer>[]>();
  readonly #busy = new Set<number>();

  constructor(options: BatchPerBrokerOptions<Item, Answer>) {
    this.#options = options;
  }

  /** Resolves with the answer to one item. */
  submit(brokerId: number, item: Item): Promise<Answer> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(brokerId);
      if (waiting === undefined) this.#waiting.set(brokerId, [{ item, resolve }]);
      else waiting.push({ item, resolve });
      if (!this.#busy.has(brokerId)) void this.#run(brokerId);
    });
  }

  async #run(brokerId: number): Promise<void> {
    this.#busy.add(brokerId);
    // All that is submitted in one turn goes together.
    await Promise.resolve();
    for (let batch = this.#take(brokerId); batch.length > 0; batch = this.#take(brokerId)) {
      const items = batch.map(({ item }) => item);
      const answers = await this.#options.send(brokerId, items);
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index]!);
    }
    this.#busy.delete(brokerId);
  }

  /** The oldest of what waits for a broker, each key once. */
  #take(brokerId: number): Waiting<Item, Answer>[] {
    const batch: Waiting<Item, Answer>[] = [];
    const left: Waiting<Item, Answer>[] = [];
    const keys = new Set<unknown>();
    for (const waiting of this.#waiting.get(brokerId) ?? []) {
      const key = this.#options.keyOf(waiting.item);
      if (batch.length >= MAX_ITEMS || keys.has(key)) left.push(waiting);
      else batch.push(waiting);
      keys.add(key);
    }
    if (left.length > 0) this.#waiting.set(brokerId, left);
    else this.#waiting.delete(brokerId);
    return batch;
  }
}
