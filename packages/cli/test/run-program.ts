/** Runs a program of this package as a function and keeps what it wrote. */
import type { Program } from '../src/program.ts';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runProgram(
  program: Program,
  args: readonly string[],
  {
    env = {},
    endRequested = new Promise<string>(() => {}),
  }: { env?: Record<string, string>; endRequested?: Promise<string> } = {},
): Promise<Outcome> {
  const written = { stdout: '', stderr: '' };
  const output = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  const code = await program({ args, env, stdout: output('stdout'), stderr: output('stderr'), endRequested });
  return { code, ...written };
}
