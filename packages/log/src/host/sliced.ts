/**
 * Going through many things without holding up the event loop for long.
 */
import type { Clock } from '@skarab/base';

const SLICE_MS = 4;

/** Calls `visit` for every item, a few milliseconds at a time, others having their turn in between. */
export async function forEachSliced<Item>(
  clock: Clock,
  items: Iterable<Item>,
  visit: (item: Item) => void,
): Promise<void> {
  let startMs = clock.monotonicMs();
  for (const item of items) {
    if (clock.monotonicMs() - startMs >= SLICE_MS) {
      await new Promise<void>((resolve) => clock.soon(resolve));
      startMs = clock.monotonicMs();
    }
    visit(item);
  }
}
