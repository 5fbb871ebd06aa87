/**
 * What a program of this package is: arguments and environment in, text out, an exit code at the end.
 *
 * main.ts binds it to the process; tests call programs as functions and read what they wrote.
 */
import type { Environment } from './options/options.ts';

export interface ProgramContext {
  readonly args: readonly string[];
  readonly env: Environment;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Resolves with the reason when the program should end: a signal's name. */
  readonly endRequested: Promise<string>;
}

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

/** Runs to its end and says how it went: 0 well, 1 failed, 2 called wrongly. */
export type Program = (context: ProgramContext) => Promise<number>;
