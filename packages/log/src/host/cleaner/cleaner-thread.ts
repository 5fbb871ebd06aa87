/**
 * The entry of a cleaning thread: does one task after the other on the platform's files.
 *
 * Shares nothing with the event loop; only the loop changes the log, when it is asked to commit.
 */
import { parentPort } from 'node:worker_threads';
import { assert, systemClock } from '@skarab/base';
import type { CleanedSegment, CleaningTask } from '../../core/cleaner/cleaning-task.ts';
import { DiskStorage } from '../disk-storage.ts';
import { runCleaning } from './run-cleaning.ts';
import { describeFailure, type FromCleanerThread, type ToCleanerThread } from './worker-messages.ts';

/** How long it may be until a cancellation is noticed. */
const SLICE_MS = 20;

const port = parentPort;
assert(port !== null, 'the entry of a thread');
const say = (message: FromCleanerThread): void => port.postMessage(message);

let current: AbortController | null = null;
let onCommitted: (isCommitted: boolean) => void = () => {};

port.on('message', (message: ToCleanerThread) => {
  switch (message.type) {
    case 'clean':
      void clean(message.task);
      return;
    case 'committed':
      onCommitted(message.isCommitted);
      return;
    case 'cancel':
      current?.abort();
      return;
  }
});
say({ type: 'ready' });

async function clean(task: CleaningTask): Promise<void> {
  const controller = new AbortController();
  current = controller;
  const storage = new DiskStorage();
  try {
    const commit = (cleaned: CleanedSegment): Promise<boolean> =>
      new Promise((resolve) => {
        onCommitted = resolve;
        say({ type: 'commit', cleaned });
      });
    const surroundings = { storage, clock: systemClock, sliceMs: SLICE_MS, readsAtOnce: true };
    const outcome = await runCleaning(task, surroundings, commit, controller.signal);
    current = null;
    say({ type: 'done', outcome });
  } catch (error) {
    current = null;
    say({ type: 'failed', failure: describeFailure(error) });
  } finally {
    storage.close();
  }
}
