/**
 * What the JVM's controller answered and recorded once, written down, so that it can be compared with where there is no JVM.
 *
 * Shape of a file: the port, then for each call a line with the beginning of the request and one with the answer, `----`, the log.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { ReferenceController } from './compared-controllers.ts';

const END = '----';
const SHOWN = 100;
const shorten = (request: string): string => request.slice(0, SHOWN);

/** Reads the file. */
export class WrittenController implements ReferenceController {
  readonly port: number;
  readonly #lines: string[];

  constructor(file: string) {
    this.#lines = readFileSync(file, 'utf8').split('\n');
    this.port = Number(this.#lines.shift());
  }

  async answer(_apiKey: number, _version: number, _make: unknown, describeRequest: () => string): Promise<string> {
    const request = this.#lines.shift();
    assert.equal(shorten(describeRequest()), request, 'this is not what was asked when the file was written');
    return this.#lines.shift() ?? '';
  }

  async restart(): Promise<void> {}

  async log(): Promise<string[]> {
    assert.equal(this.#lines.shift(), END);
    return this.#lines.slice(0, -1);
  }
}

/** Hands everything on to a controller and writes down what it says. */
export class WritingController implements ReferenceController {
  readonly #reference: ReferenceController;
  readonly #file: string;
  readonly #lines: string[];

  constructor(reference: ReferenceController, file: string) {
    this.#reference = reference;
    this.#file = file;
    this.#lines = [String(reference.port)];
  }

  get port(): number {
    return this.#reference.port;
  }

  async answer(...call: Parameters<ReferenceController['answer']>): Promise<string> {
    const answer = await this.#reference.answer(...call);
    this.#lines.push(shorten(call[3]()), answer);
    return answer;
  }

  restart(): Promise<void> {
    return this.#reference.restart();
  }

  async log(): Promise<string[]> {
    const log = await this.#reference.log();
    writeFileSync(this.#file, [...this.#lines, END, ...log, ''].join('\n'));
    return log;
  }
}
