/** A command of `skarab`: what its help says, and what it does. */
import type { Documented } from '../options/help.ts';
import type { Program } from '../program.ts';

export interface Command extends Documented {
  readonly run: Program;
}
