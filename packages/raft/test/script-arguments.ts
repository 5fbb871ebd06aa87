/**
 * The words of a transcript's command.
 */

export const DIRECTORY = 'DIRECTORY0000000000001';

/** The directory of a node. */
export function directoryOf(id: number): string {
  return id === 1 ? DIRECTORY : `D-${id}`;
}

/** Arguments of a command. */
export class Arguments {
  readonly #values: ReadonlyMap<string, string>;

  constructor(words: readonly string[]) {
    this.#values = new Map(words.map((word) => word.split('=', 2) as [string, string]));
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string, otherwise = ''): string {
    return this.#values.get(name) ?? otherwise;
  }

  number(name: string, otherwise = -1): number {
    return Number(this.#values.get(name) ?? otherwise);
  }

  ids(name: string): number[] {
    return this.text(name)
      .split(',')
      .filter((id) => id !== '')
      .map(Number);
  }

  /** `offset@epoch`. */
  place(name: string, otherwise = '0@0'): { offset: number; epoch: number } {
    const [offset = 0, epoch = 0] = this.text(name, otherwise).split('@').map(Number);
    return { offset, epoch };
  }
}
