/**
 * A client in another language: a program that gets BOOTSTRAP TOPIC PARTITION COUNT (the first of its partitions, and how many) and writes until its
 * standard input ends; then it sends what is pending and exits with code 0. It prints lines:
 *
 *   acked PARTITION NUMBER OFFSET    a record is acknowledged
 *   failed PARTITION NUMBER WHY      its client has given a record up
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Client, WriterTask } from './writer.ts';

/** How the program is started; the arguments of the task follow those here. */
export interface Program {
  readonly file: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const KEPT_OUTPUT = 2000;

/** The program as a client. It is killed when what is pending is given up, and when this process exits. */
export function programClient(name: string, program: Program): Client {
  return { name, write: (task) => write(program, task) };
}

async function write({ file, args = [], env = {} }: Program, task: WriterTask): Promise<void> {
  const { bootstrapServers, topic, partitions, stopped, abandoned, onGivenUp } = task;
  const own = [bootstrapServers, topic, String(partitions[0]), String(partitions.length)];
  const child = spawn(file, [...args, ...own], { env: { ...process.env, ...env }, stdio: 'pipe' });
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  const stop = (): void => {
    child.stdin.end();
  };
  // A program that has ended does not read that it is to stop.
  child.stdin.on('error', () => {});
  stopped.addEventListener('abort', stop);
  abandoned.addEventListener('abort', kill);
  process.once('exit', kill);
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-KEPT_OUTPUT);
  });
  createInterface({ input: child.stdout }).on('line', (line) => enter(line, task));
  try {
    const [code, signal] = await once(child, 'close');
    if (code !== 0) onGivenUp(`its program ended by ${signal ?? `code ${code}`}: ${complaint}`);
    else if (!stopped.aborted) onGivenUp(`its program ended before its time: ${complaint}`);
  } finally {
    stopped.removeEventListener('abort', stop);
    abandoned.removeEventListener('abort', kill);
    process.off('exit', kill);
  }
}

/** Errors: a line that is neither is told as given up, since nobody knows what it was to say. */
function enter(line: string, { onAcknowledged, onGivenUp }: WriterTask): void {
  const [, partition, number, offset] = /^acked (\d+) (\d+) (\d+)$/.exec(line) ?? [];
  if (offset === undefined) onGivenUp(line);
  else onAcknowledged({ partition: Number(partition), number: Number(number), count: 1, offset: Number(offset) });
}
