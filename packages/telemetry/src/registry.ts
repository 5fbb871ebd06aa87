/**
 * The metrics of one node: counters, gauges and histograms by name and labels.
 *
 * A metric object is looked up once and kept by who counts, so counting costs one addition. Rendering walks everything.
 * Names follow Prometheus' rules; Kafka's own metric is named in the help text.
 */

/** Label names and values of one series. */
export type Labels = Readonly<Record<string, string>>;

/** A count that only grows. */
export class Counter {
  value = 0;

  add(amount = 1): void {
    this.value += amount;
  }
}

/** A distribution in fixed buckets, with sum and count. */
export class Histogram {
  readonly bounds: readonly number[];
  readonly counts: number[];
  sum = 0;
  count = 0;

  /** `bounds` are the upper bounds of the buckets, ascending; everything above falls into the last, open one. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket++;
    this.counts[bucket]!++;
    this.sum += value;
    this.count++;
  }
}

/** A value read when somebody looks. */
export type GaugeRead = () => number;

/** One metric with all its series. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labelNames: readonly string[];
  readonly series: Map<string, { readonly labels: Labels; readonly metric: Counter | GaugeRead | Histogram }>;
  /** Series that are found when somebody looks. */
  readonly collect?: () => Iterable<readonly [Labels, number]>;
}

const LATENCY_BOUNDS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export class MetricsRegistry {
  readonly #families = new Map<string, Family>();

  /** All families in the order of registration. */
  families(): Iterable<Family> {
    return this.#families.values();
  }

  counter(name: string, help: string, labels: Labels = {}): Counter {
    return this.#series(name, help, 'counter', labels, () => new Counter()) as Counter;
  }

  histogram(name: string, help: string, labels: Labels = {}, bounds = LATENCY_BOUNDS_SECONDS): Histogram {
    return this.#series(name, help, 'histogram', labels, () => new Histogram(bounds)) as Histogram;
  }

  gauge(name: string, help: string, read: GaugeRead, labels: Labels = {}): void {
    this.#series(name, help, 'gauge', labels, () => read);
  }

  /** A family whose series are found when somebody looks: what is gone then has none. */
  collected(
    name: string,
    help: string,
    type: 'counter' | 'gauge',
    labelNames: readonly string[],
    collect: () => Iterable<readonly [Labels, number]>,
  ): void {
    this.#families.set(name, { name, help, type, labelNames, series: new Map(), collect });
  }

  #series(
    name: string,
    help: string,
    type: Family['type'],
    labels: Labels,
    make: () => Counter | GaugeRead | Histogram,
  ) {
    let family = this.#families.get(name);
    if (family === undefined) {
      family = { name, help, type, labelNames: Object.keys(labels), series: new Map() };
      this.#families.set(name, family);
    }
    const key = JSON.stringify(labels);
    let entry = family.series.get(key);
    if (entry === undefined) {
      entry = { labels, metric: make() };
      family.series.set(key, entry);
    }
    return entry.metric;
  }
}
