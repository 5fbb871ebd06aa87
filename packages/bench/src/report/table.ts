/**
 * The report as text: one table per scenario (metrics × systems, with ratios), and an overview of the headline figures.
 *
 * A cell is `median (min…max)`; the ratio is ours by theirs, with + where that is better, − where it is worse.
 */
import { ratioOf, type Summary } from '../stats/summary.ts';
import { renderGrid } from './grid.ts';
import { formatValue, type Metric, metrics } from './metrics.ts';
import { OURS, type Report, type Run, type ScenarioInfo, summaryOf, type Warmth, warmthsOf } from './report.ts';

/** Differences below this are called neither better nor worse. */
const NOISE = 0.03;

/** Systems that ours is compared with: every one but itself and the one that does no work. */
const rivalsOf = (systems: readonly string[]): string[] =>
  systems.includes(OURS) ? systems.filter((system) => system !== OURS && system !== 'null') : [];

/** The table of one scenario, with what failed below it. */
export function renderScenario(info: ScenarioInfo, systems: readonly string[], runs: readonly Run[]): string[] {
  const own = runs.filter((run) => run.scenario === info.name);
  const shown = systems.filter((system) => own.some((run) => run.system === system));
  const rivals = rivalsOf(shown);
  const header = ['', ...shown, ...rivals.map((rival) => `${OURS}/${rival}`)];
  const rows = warmthsOf(own, info.name).flatMap((warmth) =>
    info.metrics.flatMap((name) => {
      const summaries = new Map(shown.map((system) => [system, summaryOf(own, info.name, system, warmth, name)]));
      if (![...summaries.values()].some((summary) => summary !== undefined)) return [];
      const cells = shown.map((system) => formatSummary(summaries.get(system)));
      const ratios = rivals.map((rival) =>
        formatRatio(metrics[name], ratioOf(summaries.get(OURS), summaries.get(rival))),
      );
      return [[labelOf(metrics[name], warmth), ...cells, ...ratios]];
    }),
  );
  const failures = own.flatMap(({ system, warmth, round, error }) =>
    error === undefined ? [] : [`FAILED ${system} ${warmth} ${round}: ${error}`],
  );
  return [
    `### ${info.name}`,
    '',
    info.about,
    '',
    ...(rows.length === 0 ? [] : renderGrid([header, ...rows])),
    ...failures,
    '',
  ];
}

/** The headline figure of every scenario in one table, cold where there is no warm one. */
export function renderOverview(report: Report): string[] {
  const { systems, runs } = report;
  const rivals = rivalsOf(systems);
  const header = ['scenario', 'figure', ...systems, ...rivals.map((rival) => `${OURS}/${rival}`)];
  const rows = report.scenarios.flatMap(({ name, metrics: [headline] }) => {
    const warmth = warmthsOf(runs, name).at(-1);
    if (headline === undefined || warmth === undefined) return [];
    const summaries = new Map(systems.map((system) => [system, summaryOf(runs, name, system, warmth, headline)]));
    const cells = systems.map((system) => formatMedian(summaries.get(system)));
    const ratios = rivals.map((rival) =>
      formatRatio(metrics[headline], ratioOf(summaries.get(OURS), summaries.get(rival))),
    );
    return [[name, labelOf(metrics[headline], warmth), ...cells, ...ratios]];
  });
  return ['## Overview', '', ...renderGrid([header, ...rows]), ''];
}

const labelOf = (metric: Metric, warmth: Warmth): string =>
  warmth === 'once' ? metric.label : `${metric.label}, ${warmth}`;

const formatMedian = (summary: Summary | undefined): string =>
  summary === undefined ? '' : formatValue(summary.median);

/** `median (min…max)`, only the value where there is one. */
export function formatSummary(summary: Summary | undefined): string {
  if (summary === undefined) return '';
  if (summary.count === 1) return formatValue(summary.median);
  return `${formatValue(summary.median)} (${formatValue(summary.min)}…${formatValue(summary.max)})`;
}

/** `1.25× +`: the ratio and whether it is good for us. */
export function formatRatio(metric: Metric, ratio: number | undefined): string {
  if (ratio === undefined) return '';
  const text = `${ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(3)}×`;
  if (metric.better === 'neither' || Math.abs(ratio - 1) < NOISE) return `${text}  `;
  return `${text} ${ratio > 1 === (metric.better === 'higher') ? '+' : '−'}`;
}
