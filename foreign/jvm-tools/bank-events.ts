/** What java/BankOrders.java, BankProcessor.java and BankAuditor.java tell: a line an event. */

/** How far an attempt came, as its processor told. */
export type Step = 'began' | 'sent' | 'committing' | 'committed' | 'aborted';

/** Offsets by partition of orders. */
export type Offsets = ReadonlyMap<number, number>;

/** One side of an order as it stands in the accounts. */
export interface Entry {
  readonly partition: number;
  readonly offset: number;
  readonly attempt: string;
  /** How many entries the attempt has in all. */
  readonly size: number;
  /** The order's partition and offset: `0-17`. */
  readonly order: string;
  readonly account: number;
  readonly amount: number;
}

export type BankEvent =
  /** All orders that there are. */
  | { readonly what: 'ended'; readonly offsets: Offsets }
  | { readonly what: Step; readonly attempt: string }
  | { readonly what: 'entry'; readonly entry: Entry }
  /** What is committed of the orders, asked for after the entries told before. */
  | { readonly what: 'offsets'; readonly offsets: Offsets }
  /** All entries are told that were written when these offsets were answered, as far as they are committed. */
  | { readonly what: 'reached' };

/** The bank and the event of a line, or undefined when the line is something else. */
export function parseBankEvent(line: string): readonly [bank: string, event: BankEvent] | undefined {
  const [what = '', bank = '', ...words] = line.split(' ');
  switch (what) {
    case 'ended':
    case 'offsets':
      return [bank, { what, offsets: offsetsOf(words) }];
    case 'began':
    case 'sent':
    case 'committing':
    case 'committed':
    case 'aborted':
      return [bank, { what, attempt: words[0]! }];
    case 'entry':
      return [bank, { what, entry: entryOf(words) }];
    case 'reached':
      return [bank, { what }];
    default:
      return undefined;
  }
}

function entryOf(words: readonly string[]): Entry {
  const [partition, offset, attempt, size, order, account, amount] = words as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  return {
    partition: Number(partition),
    offset: Number(offset),
    attempt,
    size: Number(size),
    order,
    account: Number(account),
    amount: Number(amount),
  };
}

function offsetsOf(words: readonly string[]): Offsets {
  return new Map(words.map((word) => word.split(':').map(Number) as [number, number]));
}
