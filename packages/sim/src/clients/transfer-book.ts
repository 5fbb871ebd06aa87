/**
 * What is known of all transactions, and what readers of committed records may be shown of them.
 *
 * A transaction takes a processor from one position to another. Those that are committed make one chain from the beginning: every input record is done once.
 */
import assert from 'node:assert/strict';

/** One transaction. Nothing of it is shown before its commit is asked for; when that is not answered, it may be either. */
export interface Transaction {
  readonly id: number;
  /** What it reads. */
  readonly input: string;
  readonly from: number;
  readonly to: number;
  /** What it wrote, and where. */
  readonly written: string[];
  outcome: 'not committed' | 'committed or not' | 'committed';
}

export class TransferBook {
  readonly #transactions: Transaction[] = [];
  /** What readers were shown. */
  readonly #shown = new Set<string>();
  readonly #shownTransactions = new Set<number>();

  get committed(): number {
    return this.#transactions.filter(({ outcome }) => outcome === 'committed').length;
  }

  /** A transaction begins. */
  begin(input: string, from: number, to: number): Transaction {
    const id = this.#transactions.length;
    const transaction: Transaction = { id, input, from, to, written: [], outcome: 'not committed' };
    this.#transactions.push(transaction);
    return transaction;
  }

  /** Where the last transaction has left an input that is known to be committed. */
  committedEnd(input: string): number {
    const isCommitted = ({ id, outcome }: Transaction): boolean =>
      outcome === 'committed' || this.#shownTransactions.has(id);
    const last = this.#transactions.findLast((at) => at.input === input && isCommitted(at));
    return last?.to ?? 0;
  }

  /** A processor that begins has found a position: where a transaction has left it, not before `atLeast`. Errors: AssertionError. */
  foundPosition(input: string, position: number, atLeast: number): void {
    assert.ok(position >= atLeast, `${input}: ${atLeast} was committed, and ${position} is found`);
    const isKnown = this.#transactions.some(
      (at) => at.input === input && at.to === position && at.outcome !== 'not committed',
    );
    assert.ok(isKnown || position === 0, `${input}: position ${position} is found, and nobody has committed it`);
  }

  /** A reader was shown a record. Errors: AssertionError when it must not be seen. */
  show(where: string, value: string): void {
    const text = `${where}: ${value}`;
    const transaction = this.#transactions[Number(value.slice(0, value.indexOf(' ')))];
    if (!transaction?.written.includes(text)) assert.fail(`${text}: nobody has written it`);
    assert.notEqual(transaction.outcome, 'not committed', `${text}: seen, and not committed`);
    assert.ok(!this.#shown.has(text), `${text}: seen twice`);
    this.#shown.add(text);
    this.#shownTransactions.add(transaction.id);
  }

  /** Nothing is under way any more, and readers were shown everything. `last` is the last record of each input. Errors: AssertionError. */
  check(last: ReadonlyMap<string, number>): void {
    const position = new Map<string, number>();
    for (const { id, input, from, to, written, outcome } of this.#transactions) {
      const isShown = this.#shownTransactions.has(id);
      if (outcome === 'committed') assert.ok(isShown, `transaction ${id} was committed, and nothing of it is seen`);
      if (!isShown) continue;
      for (const text of written) assert.ok(this.#shown.has(text), `transaction ${id} is torn: ${text} is missing`);
      assert.equal(from, position.get(input) ?? 0, `transaction ${id} of ${input} goes on where another one ended`);
      position.set(input, to);
    }
    for (const [input, offset] of last)
      assert.ok((position.get(input) ?? 0) > offset, `${input}: ${offset} is left over at ${position.get(input)}`);
  }
}
