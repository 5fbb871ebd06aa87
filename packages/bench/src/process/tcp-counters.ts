/**
 * Counters of the machine's TCP that explain a figure nobody understands: a round trip of 40 ms over loopback is a delayed ACK.
 */
import { readFileSync } from 'node:fs';

/** ACKs sent by the timer of delayed ACKs since the machine started; undefined off Linux. */
export function delayedAcks(): number | undefined {
  try {
    return counterIn(readFileSync('/proc/net/netstat', 'utf8'), 'TcpExt', 'DelayedACKs');
  } catch {
    return undefined;
  }
}

/** A counter of /proc/net/netstat: each group is a line of names and a line of values. */
export function counterIn(netstat: string, group: string, name: string): number | undefined {
  const [names, values] = netstat
    .split('\n')
    .filter((line) => line.startsWith(`${group}: `))
    .map((line) => line.split(' '));
  const value = Number(values?.[names?.indexOf(name) ?? -1]);
  return Number.isFinite(value) ? value : undefined;
}
