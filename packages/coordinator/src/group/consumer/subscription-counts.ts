/**
 * How often things are counted in a group, on its timeline: members per assignor, per regular expression, per classic protocol, and per topic.
 *
 * Source: org.apache.kafka.coordinator.group.modern.SubscriptionCount, Utils.incValue, Utils.decValue.
 */
import type { Timeline } from '../../runtime/timeline.ts';
import { TimelineMap } from '../../runtime/timeline-map.ts';

/** Things with how often they are there; never 0. */
export interface Counts<K> {
  get(key: K): number | undefined;
  set(key: K, count: number): void;
  delete(key: K): unknown;
}

/** Counts one more. */
export function increment<K>(counts: Counts<K>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Counts one less. */
export function decrement<K>(counts: Counts<K>, key: K): void {
  const count = counts.get(key);
  if (count === undefined) return;
  if (count === 1) counts.delete(key);
  else counts.set(key, count - 1);
}

/** Who subscribes to a topic: so many members by its name, so many regular expressions match it. */
export interface SubscriptionCount {
  readonly byName: number;
  readonly byRegex: number;
}

/** Topics with who subscribes; none without anybody. */
export class TopicSubscriptions {
  readonly #counts: TimelineMap<string, SubscriptionCount> | Map<string, SubscriptionCount>;

  private constructor(counts: TimelineMap<string, SubscriptionCount> | Map<string, SubscriptionCount>) {
    this.#counts = counts;
  }

  static onTimeline(timeline: Timeline): TopicSubscriptions {
    return new TopicSubscriptions(new TimelineMap(timeline));
  }

  /** A copy to try changes on. */
  copy(): TopicSubscriptions {
    return new TopicSubscriptions(new Map(this.#counts));
  }

  has(topic: string): boolean {
    return this.#counts.has(topic);
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  topics(): MapIterator<string> {
    return this.#counts.keys();
  }

  counts(): MapIterator<SubscriptionCount> {
    return this.#counts.values();
  }

  addNames(topics: Iterable<string>): void {
    for (const topic of topics) this.#add(topic, 1, 0);
  }

  removeNames(topics: Iterable<string>): void {
    for (const topic of topics) this.#add(topic, -1, 0);
  }

  /** A regular expression matches these topics now. */
  addRegex(topics: Iterable<string>): void {
    for (const topic of topics) this.#add(topic, 0, 1);
  }

  removeRegex(topics: Iterable<string>): void {
    for (const topic of topics) this.#add(topic, 0, -1);
  }

  #add(topic: string, names: number, regexes: number): void {
    const { byName, byRegex } = this.#counts.get(topic) ?? { byName: 0, byRegex: 0 };
    const changed = { byName: byName + names, byRegex: byRegex + regexes };
    if (changed.byName <= 0 && changed.byRegex <= 0) this.#counts.delete(topic);
    else this.#counts.set(topic, changed);
  }
}
