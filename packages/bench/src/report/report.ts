/**
 * The result of a benchmark as a value: every run with what it measured, and the views the table and the JSON file take of it.
 */
import { ratioOf, type Summary, summarize } from '../stats/summary.ts';
import { type Measurement, type MetricName, metrics } from './metrics.ts';

/** How far the server had been used before a run: just started, after unmeasured warm-up runs, or not of interest (a run starts servers itself). */
export type Warmth = 'cold' | 'warm' | 'once';

/** One run of one scenario against one system. */
export interface Run {
  readonly scenario: string;
  readonly system: string;
  readonly warmth: Warmth;
  readonly round: number;
  /** What was measured; empty when the run failed. */
  readonly measurement: Measurement;
  /** Why the run failed. */
  readonly error?: string;
}

/** What the report says of a scenario beside its runs. */
export interface ScenarioInfo {
  readonly name: string;
  /** What is done and measured, in a sentence. */
  readonly about: string;
  /** The metrics of the table, the headline first. */
  readonly metrics: readonly MetricName[];
}

/** A whole benchmark. */
export interface Report {
  readonly startedAt: string;
  readonly seconds: number;
  readonly machine: Readonly<Record<string, string | number>>;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly systems: readonly string[];
  readonly scenarios: readonly ScenarioInfo[];
  readonly runs: readonly Run[];
}

/** The system whose ratio to the others is shown. */
export const OURS = 'skarab';

/** Spread of a metric over the runs of a scenario on a system. */
export function summaryOf(
  runs: readonly Run[],
  scenario: string,
  system: string,
  warmth: Warmth,
  metric: MetricName,
): Summary | undefined {
  return summarize(
    runs.flatMap((run) => {
      if (run.scenario !== scenario || run.system !== system || run.warmth !== warmth) return [];
      const value = run.measurement[metric];
      return value === undefined || Number.isNaN(value) ? [] : [value];
    }),
  );
}

/** One line of the summary in the JSON file. */
interface SummaryRow {
  readonly scenario: string;
  readonly warmth: Warmth;
  readonly metric: MetricName;
  readonly unit: string;
  readonly systems: Readonly<Record<string, Summary>>;
  /** Median of ours by median of theirs, by their name. */
  readonly ratios: Readonly<Record<string, number>>;
}

/** The warmths a scenario has runs of, cold before warm. */
export function warmthsOf(runs: readonly Run[], scenario: string): Warmth[] {
  const order: readonly Warmth[] = ['cold', 'warm', 'once'];
  return order.filter((warmth) => runs.some((run) => run.scenario === scenario && run.warmth === warmth));
}

/** The report as the text of a JSON file: facts, spreads and ratios, then every single run. */
export function reportAsJson(report: Report): string {
  const { runs, ...facts } = report;
  const summary = report.scenarios.flatMap(({ name }) =>
    warmthsOf(runs, name).flatMap((warmth) =>
      (Object.keys(metrics) as MetricName[]).flatMap((metric) => rowOf(report, name, warmth, metric) ?? []),
    ),
  );
  return `${JSON.stringify({ ...facts, summary, runs }, undefined, 1)}\n`;
}

function rowOf(report: Report, scenario: string, warmth: Warmth, metric: MetricName): SummaryRow | undefined {
  const systems = new Map<string, Summary>();
  for (const system of report.systems) {
    const summary = summaryOf(report.runs, scenario, system, warmth, metric);
    if (summary !== undefined) systems.set(system, summary);
  }
  if (systems.size === 0) return undefined;
  const ratios = [...systems].flatMap(([system, summary]): [string, number][] => {
    const ratio = ratioOf(systems.get(OURS), summary);
    return system === OURS || ratio === undefined ? [] : [[system, ratio]];
  });
  return {
    scenario,
    warmth,
    metric,
    unit: metrics[metric].unit,
    systems: Object.fromEntries(systems),
    ratios: Object.fromEntries(ratios),
  };
}
