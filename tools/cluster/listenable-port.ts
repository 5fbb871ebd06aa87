/**
 * Ports for nodes that are killed and come back: below the range from which the system picks ports for connections, so that no client takes
 * the port of a node while that is down.
 */
import { createServer } from 'node:net';

const FIRST = 15_000;
const COUNT = 15_000;
const taken = new Set<number>();

/** A port that nobody listens on, given out once by this process. Errors: rejects when none is found. */
export async function listenablePort(): Promise<number> {
  for (let tries = 0; tries < 200; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (taken.has(port) || !(await isFree(port))) continue;
    taken.add(port);
    return port;
  }
  throw new Error('no port is free');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
