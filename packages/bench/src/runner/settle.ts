/**
 * Quiet between two runs: what the last one wrote goes to the device now, not during the next one.
 */

import { pause } from '../process/time.ts';
import { runCommand } from '../systems/program.ts';

/** Waits `pauseMs` for deletions to happen, then until the system's dirty pages are written. */
export async function settle(pauseMs: number): Promise<void> {
  await pause(pauseMs);
  await runCommand({ program: 'sync', args: [] });
}
