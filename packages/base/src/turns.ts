/**
 * Long work that gives way: a generator yields where others may have their turn of the event loop.
 */
import type { Clock } from './clock.ts';

/** Work that yields between turns and returns what it made. */
export type Turns<Result> = Generator<void, Result>;

/** Does all of it at once. Errors: throws what the work throws. */
export function finishNow<Result>(work: Turns<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** Does it a turn at a time, the first one now. Errors: rejects with what the work throws. */
export async function finishInTurns<Result>(work: Turns<Result>, clock: Pick<Clock, 'soon'>): Promise<Result> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await new Promise<void>((resolve) => clock.soon(resolve));
  }
}
