/**
 * Watches the event loop: how long it was held up, and how often longer than it may be.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { MetricsRegistry } from '@skarab/telemetry';
import { EventLoopHolds } from './event-loop-holds.ts';

const RESOLUTION_MS = 10;
const NS_PER_S = 1e9;

/** Adds the loop's and the process's own figures to `metrics`; returns what stops the watching. */
export function watchProcess(metrics: MetricsRegistry): () => void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  metrics.gauge('skarab_event_loop_delay_max_seconds', 'Longest hold-up of the event loop since the last look.', () => {
    const longest = delay.max / NS_PER_S;
    delay.reset();
    return longest;
  });
  const holds = new EventLoopHolds(RESOLUTION_MS, performance.now(), threadCpuMs());
  const ticks = setInterval(() => holds.tick(performance.now(), threadCpuMs()), RESOLUTION_MS).unref();
  metrics.gauge(
    'skarab_event_loop_held_max_seconds',
    'Longest time the event loop was held by its own work since the last look: the part of a delay in which its thread computed.',
    () => holds.takeLongest() / 1000,
  );
  metrics.gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  metrics.collected('process_cpu_seconds_total', 'CPU time, user and system.', 'counter', [], () => {
    const { user, system } = process.cpuUsage();
    return [[{}, (user + system) / 1e6]];
  });
  metrics.gauge('process_uptime_seconds', 'Time since the start.', () => process.uptime());
  return () => {
    delay.disable();
    clearInterval(ticks);
  };
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}
