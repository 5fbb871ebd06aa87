/**
 * Regular expressions of clients, run by V8's engine that needs a time linear in the text: a pattern cannot hold the event loop.
 *
 * That engine refuses what RE2, which Kafka uses, refuses too: back references and looking around. The dialect is JavaScript's.
 */
import { setFlagsFromString } from 'node:v8';

let isEnabled = false;

/** The pattern, matching whole texts; undefined when it is none, or needs more than linear time. */
export function compileLinearPattern(text: string): RegExp | undefined {
  if (!isEnabled) {
    setFlagsFromString('--enable-experimental-regexp-engine');
    isEnabled = true;
  }
  try {
    // Compiled alone first: what only closes the group around it is no pattern.
    new RegExp(text, 'l');
    return new RegExp(`^(?:${text})$`, 'l');
  } catch {
    return undefined;
  }
}
