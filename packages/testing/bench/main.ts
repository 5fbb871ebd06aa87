/**
 * What a broker costs a test process: time to start the first and the next one, resident memory added, time to restart and to close.
 *
 * `node packages/testing/bench/main.ts`; one process, so the first start includes what the runtime compiles.
 */
import { startBroker } from '../src/index.ts';

const MIB = 1024 * 1024;

async function timed<T>(what: string, action: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await action();
  console.log(`${what.padEnd(28)} ${(performance.now() - start).toFixed(0).padStart(5)} ms`);
  return result;
}

const before = process.memoryUsage.rss();
const first = await timed('first broker, with a topic', () => startBroker({ topics: ['orders'] }));
console.log(
  `${'resident memory added'.padEnd(28)} ${((process.memoryUsage.rss() - before) / MIB).toFixed(1).padStart(5)} MiB`,
);
const second = await timed('second broker', () => startBroker());
await timed('restart of the first', () => first.restart());
await timed('close', () => second.close());
await first.close();
