/**
 * What is going on, on stderr: a line per run with the time since the start.
 */
import { now } from '../process/time.ts';
import { formatValue, metrics } from '../report/metrics.ts';
import type { Run, ScenarioInfo } from '../report/report.ts';

const SHOWN_METRICS = 3;
/** Cores busy with other things above which a figure is not to be trusted. */
const DISTURBED_CORES = 0.3;

export class Progress {
  readonly #start = now();
  readonly #write: (line: string) => void;

  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  say(text: string): void {
    const seconds = Math.round((now() - this.#start) / 1000);
    this.#write(`[${String(Math.floor(seconds / 60)).padStart(3)}:${String(seconds % 60).padStart(2, '0')}] ${text}\n`);
  }

  /** The first few figures of a run. */
  sayRun(info: ScenarioInfo, run: Run): void {
    const figures = info.metrics.slice(0, SHOWN_METRICS).flatMap((name) => {
      const value = run.measurement[name];
      return value === undefined ? [] : [`${metrics[name].label} ${formatValue(value)}`];
    });
    const outcome = run.error === undefined ? figures.join(', ') : `FAILED: ${run.error}`;
    const { otherCores = 0 } = run.measurement;
    const warning = otherCores > DISTURBED_CORES ? ` — DISTURBED: ${formatValue(otherCores)} cores busy elsewhere` : '';
    this.say(`${run.scenario} ${run.system} ${run.warmth} ${run.round}: ${outcome}${warning}`);
  }
}
