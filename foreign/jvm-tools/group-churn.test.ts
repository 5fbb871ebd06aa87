/**
 * Official Java consumers join, leave, stop polling and are killed with kill -9 while somebody writes, in groups of both protocols: each record is
 * delivered, a partition has one owner at a time, committed offsets never go back, and rebalances neither loop nor stall.
 *
 * SKARAB_CHURN_SECONDS is for how long they do (12), SKARAB_CHURN_SEED what happens when: `SKARAB_CHURN_SECONDS=120 node foreign/jvm-tools/group-churn.test.ts`.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@skarab/base';
import { requireKafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { until } from '../cluster/harness.ts';
import { startBrokerUnderTest } from '../harness.ts';
import { GroupChurn, type Groups, PARTITIONS } from './group-churn.ts';

const DURATION_MS = Number(process.env['SKARAB_CHURN_SECONDS'] ?? 12) * 1000;
const SEED = Number(process.env['SKARAB_CHURN_SEED'] ?? Date.now() % 1_000_000);
const SESSION_TIMEOUT_MS = 6000;
/** Whoever does not poll for so long is no member any more; also the time that a rebalance may take. */
const MAX_POLL_INTERVAL_MS = 6000;
const STALL_MS = MAX_POLL_INTERVAL_MS + 2000;
/** For a group to be stable after the last change, when somebody was killed, and somebody stalls. */
const SETTLE_MS = 40_000;
/** A partition waits for a session to end, a rebalance, and maybe for another session to end: that of who should have had it next. */
const MAX_GAP_MS = 3 * SESSION_TIMEOUT_MS + MAX_POLL_INTERVAL_MS;
/** For which a group that is stable must stay so. */
const QUIET_MS = 3000;

const classic = {
  'group.protocol': 'classic',
  'session.timeout.ms': String(SESSION_TIMEOUT_MS),
  'heartbeat.interval.ms': '500',
  'max.poll.interval.ms': String(MAX_POLL_INTERVAL_MS),
};
const groups: Groups = {
  range: { ...classic, 'partition.assignment.strategy': 'org.apache.kafka.clients.consumer.RangeAssignor' },
  cooperative: {
    ...classic,
    'partition.assignment.strategy': 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
  },
  consumer: { 'group.protocol': 'consumer', 'max.poll.interval.ms': String(MAX_POLL_INTERVAL_MS) },
};

/** For one change: a classic group may need a second one, to hand on what was given up in the first. */
const rebalancesPerChange: Readonly<Record<string, number>> = { range: 1, cooperative: 2, consumer: 1 };
/** For the begin, and for a topic that is seen late. */
const MORE_REBALANCES = 3;

const properties = {
  'group.initial.rebalance.delay.ms': '200',
  'group.consumer.min.session.timeout.ms': '1000',
  'group.consumer.session.timeout.ms': String(SESSION_TIMEOUT_MS),
  'group.consumer.min.heartbeat.interval.ms': '300',
  'group.consumer.heartbeat.interval.ms': '500',
  'offsets.topic.num.partitions': '4',
};

test('groups of the Java consumer whose members come, go and are killed', {
  timeout: DURATION_MS + 240_000,
}, async (t) => {
  const jvm = await requireKafkaJvm(t);
  const broker = jvm && (await startBrokerUnderTest(t, properties));
  if (jvm === undefined || broker === undefined) return;
  t.diagnostic(`seed ${SEED}`);
  const { bootstrapServers } = broker;
  const churn = new GroupChurn(t, { jvm, bootstrapServers, groups, random: seededRandom(SEED), stallMs: STALL_MS });
  await churn.open();
  await churn.run(DURATION_MS);
  const lastChangeMs = Date.now();
  await untilEach(churn, 'is stable', SETTLE_MS, (history, members) => history.isStable(members, PARTITIONS));
  const ends = await churn.stopWriting();
  await untilEach(churn, 'has everything, and has committed it', SETTLE_MS, (history) => history.isDone(ends));
  const generations = () => churn.groups.map((group) => [...churn.history(group).generations]);
  const before = generations();
  await sleep(QUIET_MS);
  assert.deepEqual(generations(), before, 'a group that is stable stays so');
  tell(t, churn, ends, lastChangeMs);
  for (const group of churn.groups) {
    const history = churn.history(group);
    assert.deepEqual(history.violations, [], group);
    assert.ok(history.longestGapMs < MAX_GAP_MS, `${group}: a partition had no owner for ${history.longestGapMs} ms`);
    const mayBe = rebalancesPerChange[group]! * churn.changesOf(group) + MORE_REBALANCES;
    assert.ok(
      history.highestGeneration <= mayBe,
      `${group}: ${history.highestGeneration} rebalances, at most ${mayBe}`,
    );
  }
  await churn.close();
  for (const group of churn.groups) assert.deepEqual(churn.history(group).violations, [], group);
});

type Condition = (history: ReturnType<GroupChurn['history']>, members: readonly string[]) => boolean;

/** Waits until each group is as it should be. */
async function untilEach(churn: GroupChurn, what: string, withinMs: number, holds: Condition): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  for (const group of churn.groups) {
    const ask = async () => holds(churn.history(group), churn.membersOf(group));
    const described = `${group} ${what}; ${churn.history(group).violations.join('\n')}`;
    await until(ask, (answer) => answer, described, deadlineMs - Date.now());
  }
}

function tell(t: TestContext, churn: GroupChurn, ends: ReadonlyMap<number, number>, lastChangeMs: number): void {
  const written = [...ends.values()].reduce((sum, end) => sum + end, 0);
  t.diagnostic(`${written} records, ${churn.kills} processes killed, ${churn.stalls} members of each group stalled`);
  for (const group of churn.groups) {
    const { highestGeneration, longestGapMs, delivered, lost, looks, changedMs } = churn.history(group);
    const figures = {
      changes: churn.changesOf(group),
      generations: highestGeneration,
      'delivered again': delivered - written,
      'times that partitions were lost': lost,
      'looks at offsets': looks,
      'longest without an owner, ms': longestGapMs,
      'stable after the last change, ms': changedMs - lastChangeMs,
    };
    t.diagnostic(`${group}: ${JSON.stringify(figures)}`);
  }
}
