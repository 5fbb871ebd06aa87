/**
 * The text exposition of a registry, format 0.0.4. Source: Prometheus exposition formats.
 */
import { Counter, Histogram, type Labels, type MetricsRegistry } from './registry.ts';

/** The value of the Content-Type header. */
export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Renders every metric of `registry`. */
export function renderPrometheus(registry: MetricsRegistry): string {
  const lines: string[] = [];
  for (const family of registry.families()) {
    lines.push(`# HELP ${family.name} ${family.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`);
    lines.push(`# TYPE ${family.name} ${family.type}`);
    for (const { labels, metric } of family.series.values()) {
      if (metric instanceof Counter) lines.push(`${family.name}${renderLabels(labels)} ${metric.value}`);
      else if (metric instanceof Histogram) renderHistogram(lines, family.name, labels, metric);
      else lines.push(`${family.name}${renderLabels(labels)} ${metric()}`);
    }
    for (const [labels, value] of family.collect?.() ?? []) {
      lines.push(`${family.name}${renderLabels(labels)} ${value}`);
    }
  }
  return lines.join('\n') + '\n';
}

function renderHistogram(lines: string[], name: string, labels: Labels, histogram: Histogram): void {
  let cumulative = 0;
  for (let i = 0; i < histogram.counts.length; i++) {
    cumulative += histogram.counts[i]!;
    const bound = histogram.bounds[i];
    lines.push(
      `${name}_bucket${renderLabels({ ...labels, le: bound === undefined ? '+Inf' : String(bound) })} ${cumulative}`,
    );
  }
  lines.push(`${name}_sum${renderLabels(labels)} ${histogram.sum}`);
  lines.push(`${name}_count${renderLabels(labels)} ${histogram.count}`);
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
