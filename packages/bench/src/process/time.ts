/**
 * Time as the benchmark measures it.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds with a fraction that never go back. */
export const now = (): number => performance.now();

/** Waits. */
export const pause = (milliseconds: number): Promise<void> => sleep(milliseconds);

/** Calls `attempt` until it returns something. Errors: rejects after `timeoutMs` with what was awaited and the last failure. */
export async function retry<T>(
  what: string,
  timeoutMs: number,
  pauseMs: number,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = now() + timeoutMs;
  let failure = '';
  while (now() < deadline) {
    try {
      const result = await attempt();
      if (result !== undefined) return result;
    } catch (error) {
      if (error instanceof FatalError) throw error;
      failure = error instanceof Error ? error.message : String(error);
    }
    await pause(pauseMs);
  }
  throw new Error(`${what}: not within ${timeoutMs} ms${failure === '' ? '' : ` (${failure})`}`);
}

/** A failure that another attempt cannot heal. */
export class FatalError extends Error {
  override readonly name = 'FatalError';
}
