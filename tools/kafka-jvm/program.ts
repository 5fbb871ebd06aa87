/**
 * Running a program to its end with its streams kept, and the small files such programs read.
 *
 * Used by the JVM oracle and by the tests of foreign software. Nothing here knows Kafka.
 */
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { basename } from 'node:path';

/** What a finished program left behind. */
export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Input, time limit (default 60 s) and additional environment of a run. */
export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and keeps what it wrote. */
export function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<ToolResult> {
  const { input = '', timeoutMs = 60_000, env = {} } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'pipe' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString();
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(`${basename(program)} ${args.join(' ')} took over ${timeoutMs} ms\n${text(stdout)}${text(stderr)}`),
      );
    }, timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, stdout: text(stdout), stderr: text(stderr) });
    });
    // A program may end without reading its input.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
  });
}

/** Writes lines `key=value` to a file, as the scripts' --command-config options read them. */
export async function writeProperties(file: string, properties: Readonly<Record<string, string>>): Promise<string> {
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`);
  await writeFile(file, lines.join(''));
  return file;
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  return (await freePorts(1))[0]!;
}

/** Ports that nobody listens on at this moment; no two are the same, since all are held until the last one is found. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listenSomewhere));
  return Promise.all(
    servers.map((server) => {
      const { port } = server.address() as { port: number };
      return new Promise<number>((resolve) => server.close(() => resolve(port)));
    }),
  );
}

/** Below the ports that systems give to outgoing connections: one of those could be taken while its listener is not up, or down for a while. */
const [LOWEST_PORT, HIGHEST_PORT] = [10_240, 32_767];
/** No port is given out twice by a process. */
const given = new Set<number>();

async function listenSomewhere(): Promise<Server> {
  for (let attempts = 0; attempts < 200; attempts++) {
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT + 1);
    if (given.has(port)) continue;
    given.add(port);
    const server = await listenOn(port);
    if (server !== undefined) return server;
  }
  throw new Error(`found no free port from ${LOWEST_PORT} to ${HIGHEST_PORT}`);
}

/** Listens, unless the port is taken or not ours to take. */
function listenOn(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
