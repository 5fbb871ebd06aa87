/**
 * Whether the entries of a bank are as they must be, from what its processors tell and what a reader of committed data sees, in the order told.
 *
 * Entries of an attempt come to a reader partition by partition, as its markers are written; so whether one is torn shows only when the reader is at what was written when
 * the first of them was seen: see `reached` of BankEvent. Then these two hold as well, for offsets that were asked for between:
 * an order whose entry was seen before lies below them, and an order below them has its entries.
 */
import type { BankEvent, Entry, Offsets, Step } from './bank-events.ts';

/** Before a commit was asked for. */
const OPEN: ReadonlySet<Step> = new Set(['began', 'sent']);

interface Attempt {
  readonly name: string;
  readonly size: number;
  /** Of each order, the amounts. */
  readonly orders: Map<string, number[]>;
  entries: number;
}

/** What was known when offsets were asked for. */
interface Look {
  readonly offsets: Offsets;
  /** Of which entries were missing. */
  readonly open: readonly Attempt[];
}

/** Orders of a partition that are carried out by whole attempts. */
interface Progress {
  /** All below are. */
  end: number;
  readonly beyond: Set<number>;
  /** After the last of which an entry was seen. */
  seenEnd: number;
}

export class BankAudit {
  /** Looks that came to their end. */
  looks = 0;
  /** Entries that were seen, and attempts of them. */
  entries = 0;
  readonly #violations = new Set<string>();
  readonly #attempts = new Map<string, Attempt>();
  /** Those of which entries are missing. */
  readonly #open = new Set<Attempt>();
  readonly #steps = new Map<string, Step>();
  /** By order, who carried it out. */
  readonly #carriers = new Map<string, string>();
  readonly #progress = new Map<number, Progress>();
  readonly #balances = new Map<number, number>();
  readonly #nextOffsets = new Map<number, number>();
  #committed: Offsets = new Map();
  /** Of the last look that came to its end. */
  #reached: Offsets = new Map();
  #look: Look | undefined;
  #ends: Offsets | undefined;

  /** In words, what must not be, each once. */
  get violations(): string[] {
    return [...this.#violations];
  }

  take(event: BankEvent): void {
    switch (event.what) {
      case 'entry':
        this.#enter(event.entry);
        break;
      case 'offsets':
        this.#beginLook(event.offsets);
        break;
      case 'reached':
        this.#endLook();
        break;
      case 'ended':
        this.#ends = event.offsets;
        break;
      default:
        this.#steps.set(event.attempt, event.what);
    }
  }

  /** Whether all orders are carried out and committed, and the reader has seen that. */
  get isDone(): boolean {
    const ends = [...(this.#ends ?? [])];
    const isThere = ([at, end]: [number, number]) => this.#reached.get(at) === end && this.#of(at).end === end;
    return this.#ends !== undefined && ends.every(isThere);
  }

  /** Orders that are carried out. */
  get orders(): number {
    return this.#carriers.size;
  }

  /** How many attempts came so far and not further, as was told. */
  countOf(step: Step): number {
    return this.#steps.values().reduce((count, last) => count + Number(last === step), 0);
  }

  /** What must not be when everybody has ended and everything is told; `violations` of before among it. */
  judge(): string[] {
    const found = this.violations;
    for (const [name, step] of this.#steps) {
      const attempt = this.#attempts.get(name);
      if (attempt === undefined && step === 'committed') found.push(`${name} is committed, and nothing of it is there`);
      if (attempt !== undefined && step === 'aborted') found.push(`${name} is aborted, and is there`);
      if (attempt !== undefined && OPEN.has(step)) found.push(`${name} is there, and nobody has committed it`);
    }
    for (const name of this.#attempts.keys())
      if (!this.#steps.has(name)) found.push(`${name} is there, and nobody has begun it`);
    for (const attempt of this.#open) found.push(torn(attempt));
    for (const [at, end] of this.#ends ?? []) {
      const { end: carriedOut, seenEnd } = this.#of(at);
      if (carriedOut !== end || seenEnd !== end) found.push(`orders of ${at} end at ${end}, done are ${carriedOut}`);
      if (this.#committed.get(at) !== end)
        found.push(`orders of ${at} end at ${end}, committed is ${this.#committed.get(at)}`);
    }
    return found;
  }

  #enter(entry: Entry): void {
    const { partition, offset, attempt: name, size, order, account, amount } = entry;
    const next = this.#nextOffsets.get(partition) ?? 0;
    if (offset < next) this.#violate(`the entry at ${partition}-${offset} comes after ${next - 1}`);
    this.#nextOffsets.set(partition, offset + 1);
    const attempt = this.#attempts.get(name) ?? { name, size, orders: new Map(), entries: 0 };
    this.#attempts.set(name, attempt);
    this.#open.add(attempt);
    const carrier = this.#carriers.get(order) ?? name;
    if (carrier !== name) this.#violate(`${order} is carried out by ${carrier} and by ${name}`);
    this.#carriers.set(order, carrier);
    const amounts = attempt.orders.get(order) ?? [];
    attempt.orders.set(order, [...amounts, amount]);
    attempt.entries++;
    this.entries++;
    this.#balances.set(account, (this.#balances.get(account) ?? 0) + amount);
    const [at, place] = placeOf(order);
    const progress = this.#of(at);
    progress.seenEnd = Math.max(progress.seenEnd, place + 1);
    if (attempt.entries === size) this.#complete(attempt);
    if (attempt.entries > size) this.#violate(`${name} has more than ${size} entries`);
  }

  #complete(attempt: Attempt): void {
    this.#open.delete(attempt);
    for (const [order, amounts] of attempt.orders) {
      const sum = amounts.reduce((total, amount) => total + amount, 0);
      if (amounts.length !== 2 || sum !== 0)
        this.#violate(`${order} of ${attempt.name} is booked as ${amounts.join(' and ')}`);
      const [at, place] = placeOf(order);
      const progress = this.#of(at);
      progress.beyond.add(place);
      while (progress.beyond.delete(progress.end)) progress.end++;
    }
  }

  #beginLook(offsets: Offsets): void {
    for (const [at, offset] of offsets) {
      const before = this.#committed.get(at) ?? 0;
      if (offset < before) this.#violate(`${before} of ${at} was committed, ${offset} is`);
      const { seenEnd } = this.#of(at);
      if (offset < seenEnd) this.#violate(`${at}-${seenEnd - 1} is carried out, and ${offset} is committed`);
    }
    this.#committed = new Map([...this.#committed, ...offsets]);
    this.#look = { offsets, open: [...this.#open] };
  }

  #endLook(): void {
    const { offsets, open } = this.#look!;
    this.#look = undefined;
    this.#reached = offsets;
    this.looks++;
    for (const attempt of open) if (this.#open.has(attempt)) this.#violate(torn(attempt));
    for (const [at, offset] of offsets) {
      const { end } = this.#of(at);
      if (end < offset) this.#violate(`${offset} of ${at} is committed, and ${at}-${end} is not carried out`);
    }
    this.#expectSum();
  }

  /** What the accounts hold, without what has not come from its other account yet, is always the same. */
  #expectSum(): void {
    let sum = this.#balances.values().reduce((total, balance) => total + balance, 0);
    for (const { orders } of this.#open) for (const amount of [...orders.values()].flat()) sum -= amount;
    if (sum !== 0) this.#violate(`the sum of all accounts has changed by ${sum}`);
  }

  #of(at: number): Progress {
    const known = this.#progress.get(at) ?? { end: 0, beyond: new Set(), seenEnd: 0 };
    this.#progress.set(at, known);
    return known;
  }

  #violate(text: string): void {
    this.#violations.add(text);
  }
}

function torn({ name, entries, size }: Attempt): string {
  return `${name} is torn: ${entries} of ${size}`;
}

function placeOf(order: string): [partition: number, offset: number] {
  const [at, place] = order.split('-').map(Number);
  return [at!, place!];
}
