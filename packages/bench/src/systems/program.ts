/**
 * Running a program to its end, for preparations outside of what is measured.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Command } from '../process/server-process.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 600_000;

/** What the program wrote. Errors: rejects with what it wrote to either stream when it fails. */
export async function runCommand({ program, args }: Command): Promise<string> {
  try {
    const { stdout } = await run(program, args, { timeout: TIMEOUT_MS, maxBuffer: 1 << 24 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as { stdout?: string; stderr?: string; message: string };
    throw new Error(`${stderr.trim() || stdout.trim() || message}`);
  }
}
