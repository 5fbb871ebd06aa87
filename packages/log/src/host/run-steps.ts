/**
 * Drives long work without holding up the event loop: every read it asks for is waited for, and others have their turn meanwhile.
 */
import type { Steps } from '../core/steps.ts';

/** Does all of it; rejects with what the work throws. */
export async function runSteps<Result>(steps: Steps<Result>): Promise<Result> {
  let step = steps.next(0);
  while (!step.done) {
    const { file, target, position } = step.value;
    step = steps.next(await file.readAsync(target, position));
  }
  return step.value;
}
