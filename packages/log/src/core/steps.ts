/**
 * Long work in short steps: a generator that yields the reads it needs, so that the same code runs at once or chunked off the loop.
 *
 * The host answers each step with the number of bytes read; see `runSteps` in host for the way that waits, `runStepsNow` for the other.
 */
import type { StorageFile } from '../ports.ts';

/** A read that the work waits for; answered with the number of bytes that arrived. */
export interface ReadStep {
  readonly file: StorageFile;
  readonly target: Uint8Array;
  readonly position: number;
}

/** Work that ends with a `Result`. */
export type Steps<Result> = Generator<ReadStep, Result, number>;

/** Does all of it now, holding up the loop while files are read. */
export function runStepsNow<Result>(steps: Steps<Result>): Result {
  let step = steps.next(0);
  while (!step.done) {
    const { file, target, position } = step.value;
    step = steps.next(file.read(target, position));
  }
  return step.value;
}
