/**
 * What /proc says of a process (CPU time of all its threads, resident memory now and at its peak) and of the machine's CPU time.
 *
 * Linux only; elsewhere everything is undefined and the columns stay empty. CPU time comes in clock ticks (10 ms), so a run should burn
 * at least half a second of it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Ticks per second of the times in /proc/PID/stat; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** User and system seconds of all threads, living and gone; undefined when the process or /proc is not there. */
export function cpuSecondsOf(pid: number): number | undefined {
  const stat = readProc(`/proc/${pid}/stat`);
  return stat === undefined ? undefined : cpuSecondsIn(stat);
}

/** utime and stime, the 14th and 15th field; the second one, the name in parentheses, may hold anything. */
export function cpuSecondsIn(stat: string): number | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  return Number.isFinite(userTicks + systemTicks) ? (userTicks + systemTicks) / TICKS_PER_SECOND : undefined;
}

/** Busy seconds of the whole machine, all cores, with what the hypervisor took; undefined off Linux. */
export function machineBusySeconds(): number | undefined {
  const stat = readProc('/proc/stat');
  return stat === undefined ? undefined : busySecondsIn(stat);
}

/** The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal; guests are part of user. */
export function busySecondsIn(stat: string): number | undefined {
  const ticks = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ').slice(0, 8).map(Number);
  if (ticks?.length !== 8) return undefined;
  const [idle, ioWait] = [ticks[3]!, ticks[4]!];
  return (ticks.reduce((sum, value) => sum + value, 0) - idle - ioWait) / TICKS_PER_SECOND;
}

/** Resident memory in MiB. */
export interface Resident {
  readonly nowMiB: number;
  /** Highest since the process began, or since `resetPeak`. */
  readonly peakMiB: number;
}

/** Resident memory now and at its peak; undefined when the process or /proc is not there. */
export function residentOf(pid: number): Resident | undefined {
  const status = readProc(`/proc/${pid}/status`);
  return status === undefined ? undefined : residentIn(status);
}

/** The lines VmRSS and VmHWM of /proc/PID/status. */
export function residentIn(status: string): Resident | undefined {
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
  const [nowMiB, peakMiB] = [kib('VmRSS') / 1024, kib('VmHWM') / 1024];
  return Number.isFinite(nowMiB + peakMiB) ? { nowMiB, peakMiB } : undefined;
}

/** Open file descriptors; undefined when the process or /proc is not there. */
export function descriptorsOf(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

/** Sets the peak of resident memory to what it is now; returns whether that worked. */
export function resetPeak(pid: number): boolean {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    return true;
  } catch {
    return false;
  }
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
