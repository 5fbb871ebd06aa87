import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AssignedMember, assignTasks } from './sticky-assignor.ts';
import { NO_TASKS, sortedTaskIds, type Tasks } from './tasks.ts';

const stateful = (taskCount: number) => [{ subtopologyId: '0', taskCount, isStateful: true }];

function member(memberId: string, processId: string, target: Tasks = NO_TASKS): AssignedMember {
  return { memberId, processId, target };
}

/** Tasks per member, as `active / standby`. */
function texts(assigned: ReadonlyMap<string, Tasks>): Record<string, string> {
  const text = (tasks: Tasks['active']): string =>
    sortedTaskIds(tasks)
      .flatMap(({ partitions }) => partitions)
      .join('+');
  return Object.fromEntries(
    [...assigned].map(([id, { active, standby }]) => [id, `${text(active)} / ${text(standby)}`]),
  );
}

test('tasks are spread evenly over members, and over processes first', () => {
  const members = [member('a', 'p'), member('b', 'q'), member('c', 'q')];
  const assigned = assignTasks(members, stateful(6), 0);
  assert.deepEqual(
    [...assigned.values()].map(({ active }) => active.get('0')?.size),
    [2, 2, 2],
  );
});

test('tasks stay where they are when a member comes, as far as the load stays even', () => {
  const before = assignTasks([member('a', 'p'), member('b', 'q')], stateful(6), 0);
  const members = [member('a', 'p', before.get('a')), member('b', 'q', before.get('b')), member('c', 'r')];
  const after = assignTasks(members, stateful(6), 0);
  for (const id of ['a', 'b']) {
    const kept = after.get(id)!.active.get('0')!;
    assert.equal(kept.size, 2);
    assert.ok(kept.isSubsetOf(before.get(id)!.active.get('0')!));
  }
});

test('copies are never where the task runs, and become active when its member is gone', () => {
  const members = [member('a', 'p'), member('b', 'q')];
  const before = assignTasks(members, stateful(4), 1);
  for (const { active, standby } of before.values()) assert.ok(active.get('0')!.isDisjointFrom(standby.get('0')!));
  const left = [member('a', 'p', before.get('a'))];
  assert.deepEqual(texts(assignTasks(left, stateful(4), 1)), { a: '0+1+2+3 / ' });
});

test('a subtopology without state has no copies', () => {
  const members = [member('a', 'p'), member('b', 'q')];
  const assigned = assignTasks(members, [{ subtopologyId: '0', taskCount: 2, isStateful: false }], 1);
  assert.deepEqual(Object.values(texts(assigned)).sort(), ['0 / ', '1 / ']);
});

test('of nothing everybody has nothing', () => {
  assert.deepEqual(texts(assignTasks([member('a', 'p')], [], 0)), { a: ' / ' });
});
