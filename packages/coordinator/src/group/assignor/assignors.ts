/**
 * The assignors that there are. Source: org.apache.kafka.coordinator.group.GroupCoordinatorConfig (`group.consumer.assignors`).
 */
import type { Assignor } from './assignor.ts';
import { rangeAssignor } from './range-assignor.ts';
import { uniformAssignor } from './uniform-assignor.ts';

const uniform: Assignor = { name: 'uniform', assign: uniformAssignor };
const range: Assignor = { name: 'range', assign: rangeAssignor };

/** By every name that a configuration may give them. */
const byConfiguredName: ReadonlyMap<string, Assignor> = new Map([
  ['uniform', uniform],
  ['range', range],
  ['org.apache.kafka.coordinator.group.assignor.UniformAssignor', uniform],
  ['org.apache.kafka.coordinator.group.assignor.RangeAssignor', range],
]);

/** The assignors that `group.consumer.assignors` names, by name; the first is the default. Names that are unknown are left out. */
export function assignorsFrom(configured: readonly string[]): ReadonlyMap<string, Assignor> {
  const assignors = configured.flatMap((name) => byConfiguredName.get(name) ?? []);
  return new Map(assignors.map((assignor) => [assignor.name, assignor]));
}
