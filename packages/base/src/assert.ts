/**
 * Invariants that stay on in production.
 *
 * A failed assertion is a bug of ours, never a user's mistake or a broken file: it reaches the fault handler,
 * which ends the server; a test sees the exception.
 */

/** The error of a broken invariant; never caught to be handled, only to be reported. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** Throws an `AssertionError` unless `condition` holds. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a branch that the types say cannot be reached. */
export function unreachable(value: never, message = 'unreachable'): never {
  throw new AssertionError(`${message}: ${String(value)}`);
}
