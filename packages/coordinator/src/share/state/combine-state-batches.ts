/**
 * Brings old and new state batches together: no overlaps, nothing below the start offset, neighbours of the same state in one.
 *
 * Where two overlap, the one that knows the later state wins:
 * ```
 *   ------- count 1      --- count 1, ---- count 2, -- count 1
 *      ----- count 2  =>
 * ```
 * Source: org.apache.kafka.coordinator.share.PersisterStateBatchCombiner.
 */
import { compareDelivery, compareStateBatches, type StateBatch, stateBatchOf } from './state-batch.ts';

/** The combined batches in order of offsets; a `startOffset` of -1 cuts nothing off. */
export function combineStateBatches(
  known: readonly StateBatch[],
  added: readonly StateBatch[],
  startOffset: bigint,
): StateBatch[] {
  const batches = [...known, ...added].map(stateBatchOf);
  const retained = startOffset === -1n ? batches : batches.flatMap((batch) => cutOff(batch, startOffset));
  if (retained.length < 2) return retained;
  return merge(inOrderOnce(retained));
}

function cutOff(batch: StateBatch, startOffset: bigint): StateBatch[] {
  if (batch.lastOffset < startOffset) return [];
  return [batch.firstOffset >= startOffset ? batch : { ...batch, firstOffset: startOffset }];
}

function inOrderOnce(batches: StateBatch[]): StateBatch[] {
  batches.sort(compareStateBatches);
  return batches.filter((batch, index) => index === 0 || compareStateBatches(batches[index - 1]!, batch) !== 0);
}

/** Takes the first pair that can be combined until there is none. */
function merge(pending: StateBatch[]): StateBatch[] {
  const merged: StateBatch[] = [];
  for (;;) {
    let at = 0;
    while (at + 1 < pending.length && !canMerge(pending[at]!, pending[at + 1]!)) at++;
    if (at + 1 >= pending.length) return [...merged, ...pending];
    merged.push(...pending.splice(0, at));
    const [earlier, later] = pending.splice(0, 2) as [StateBatch, StateBatch];
    for (const piece of combinePair(earlier, later)) insert(pending, piece);
  }
}

function canMerge(earlier: StateBatch, later: StateBatch): boolean {
  if (later.firstOffset <= earlier.lastOffset) return true;
  return earlier.lastOffset + 1n === later.firstOffset && compareDelivery(earlier, later) === 0;
}

function insert(pending: StateBatch[], batch: StateBatch): void {
  let at = 0;
  while (at < pending.length && compareStateBatches(pending[at]!, batch) < 0) at++;
  const present = pending[at];
  if (present === undefined || compareStateBatches(present, batch) !== 0) pending.splice(at, 0, batch);
}

/** One to three batches in place of two that overlap, or that touch and say the same. `earlier` sorts before `later`. */
function combinePair(earlier: StateBatch, later: StateBatch): StateBatch[] {
  const order = compareDelivery(later, earlier);
  const isCovered = later.lastOffset <= earlier.lastOffset;
  if (order === 0) return [isCovered ? earlier : { ...earlier, lastOffset: later.lastOffset }];
  if (order < 0) {
    if (isCovered) return [earlier];
    return [earlier, { ...later, firstOffset: earlier.lastOffset + 1n }];
  }
  const pieces: StateBatch[] = [];
  if (later.firstOffset > earlier.firstOffset) pieces.push({ ...earlier, lastOffset: later.firstOffset - 1n });
  pieces.push(later);
  if (later.lastOffset < earlier.lastOffset) pieces.push({ ...earlier, firstOffset: later.lastOffset + 1n });
  return pieces;
}
