/**
 * The machine as far as a reader of figures wants to know it.
 */
import { readFileSync, statfsSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/** Facts for the head of a report; `workFolder` is where the servers' data are. */
export function describeMachine(workFolder: string): Record<string, string | number> {
  const { blocks, bavail, bsize } = statfsSync(workFolder);
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cpus: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    loopbackMtu: readNumber('/sys/class/net/lo/mtu'),
    dataDiskGiB: Math.round((blocks * bsize) / 2 ** 30),
    dataDiskFreeGiB: Math.round((bavail * bsize) / 2 ** 30),
  };
}

function readNumber(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8'));
  } catch {
    return Number.NaN;
  }
}
