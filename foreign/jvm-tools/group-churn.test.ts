/**
 * Official Java consumers join, leave, stop polling and are killed with kill -9 while somebody writes, in groups of both protocols, with
 * dynamic and static members, and in one that is of both in turn (the online upgrade of KIP-848): each record is delivered, a partition has one owner at a time, committed offsets never go back, and rebalances neither loop nor stall.
 *
 * After each round of changes the groups become stable. There is one round, or as many as begin within SKARAB_CHURN_SECONDS; SKARAB_CHURN_SEED says what
 * happens when. For long: `SKARAB_CHURN_SECONDS=120 node foreign/jvm-tools/group-churn.test.ts`.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@skarab/base';
import { requireKafkaJvm } from '../../tools/kafka-jvm/jvm.ts';
import { until } from '../cluster/harness.ts';
import { startBrokerUnderTest } from '../harness.ts';
import { GroupChurn, type Groups, PARTITIONS } from './group-churn.ts';
import type { GroupHistory } from './group-history.ts';
import type { Settings } from './group-roster.ts';

const DURATION_MS = Number(process.env['SKARAB_CHURN_SECONDS'] ?? 0) * 1000;
const SEED = Number(process.env['SKARAB_CHURN_SEED'] ?? Date.now() % 1_000_000);
const SESSION_TIMEOUT_MS = 6000;
/** Whoever does not poll for so long is no member any more; also the time that a rebalance may take. */
const MAX_POLL_INTERVAL_MS = 6000;
const STALL_MS = MAX_POLL_INTERVAL_MS + 2000;
/** For a group to be stable after a change: somebody stalls, whose death before that is not known yet, and a rebalance waits for both; and as much again. */
const SETTLE_MS = 2 * (STALL_MS + SESSION_TIMEOUT_MS + MAX_POLL_INTERVAL_MS);
/** For which a group that is stable must stay so. */
const QUIET_MS = 3000;

const classic = {
  'group.protocol': 'classic',
  'session.timeout.ms': String(SESSION_TIMEOUT_MS),
  'heartbeat.interval.ms': '500',
  'max.poll.interval.ms': String(MAX_POLL_INTERVAL_MS),
};
const range: Settings = {
  ...classic,
  'partition.assignment.strategy': 'org.apache.kafka.clients.consumer.RangeAssignor',
};
const cooperative: Settings = {
  ...classic,
  'partition.assignment.strategy': 'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
};
const consumer: Settings = { 'group.protocol': 'consumer', 'max.poll.interval.ms': String(MAX_POLL_INTERVAL_MS) };
const instanceIds = ['a', 'b', 'c', 'd'];
const groups: Groups = {
  range: { kinds: [range] },
  cooperative: { kinds: [cooperative] },
  consumer: { kinds: [consumer] },
  'static-range': { kinds: [range], instanceIds },
  'static-consumer': { kinds: [consumer], instanceIds },
  mixed: { kinds: [cooperative, consumer] },
};

/** For one change: a classic group may need a second one, to hand on what was given up in the first. */
const rebalancesPerChange: Readonly<Record<string, number>> = {
  range: 1,
  cooperative: 2,
  consumer: 1,
  'static-range': 1,
  'static-consumer': 1,
  mixed: 2,
};
/** For the begin, and for a topic that is seen late. */
const MORE_REBALANCES = 3;

const properties = {
  'group.initial.rebalance.delay.ms': '200',
  'group.consumer.min.session.timeout.ms': '1000',
  'group.consumer.session.timeout.ms': String(SESSION_TIMEOUT_MS),
  'group.consumer.min.heartbeat.interval.ms': '300',
  'group.consumer.heartbeat.interval.ms': '500',
  'group.consumer.migration.policy': 'bidirectional',
  'offsets.topic.num.partitions': '4',
};

test('groups of the Java consumer whose members come, go and are killed', {
  timeout: DURATION_MS + 300_000,
}, async (t) => {
  const jvm = await requireKafkaJvm(t);
  const broker = jvm && (await startBrokerUnderTest(t, properties));
  if (jvm === undefined || broker === undefined) return;
  t.diagnostic(`seed ${SEED}`);
  const { bootstrapServers } = broker;
  const churn = new GroupChurn(t, {
    jvm,
    bootstrapServers,
    groups,
    random: seededRandom(SEED),
    stallMs: STALL_MS,
    sessionTimeoutMs: SESSION_TIMEOUT_MS,
  });
  await churn.open();
  await untilEach(churn, 'is stable', isStable);
  const endMs = Date.now() + DURATION_MS;
  const settled: number[] = [];
  do {
    await churn.round();
    const changedMs = Date.now();
    await untilEach(churn, 'is stable', isStable);
    settled.push(Math.max(changedMs, ...churn.groups.map((group) => churn.history(group).changedMs)) - changedMs);
  } while (Date.now() < endMs);
  const ends = await churn.stopWriting();
  await untilEach(churn, 'has everything, and has committed it', (history) => history.isDone(ends));
  // Somebody may have stalled all the time.
  await untilEach(churn, 'is stable again', isStable);
  const generations = () => churn.groups.map((group) => [...churn.history(group).generations]);
  const before = generations();
  await sleep(QUIET_MS);
  assert.deepEqual(generations(), before, 'a group that is stable stays so');
  t.diagnostic(`stable after each round, ms: ${settled.join(' ')}`);
  tell(t, churn, ends);
  for (const group of churn.groups) {
    const history = churn.history(group);
    expectGood(history);
    const mayBe = rebalancesPerChange[group]! * churn.changesOf(group) + MORE_REBALANCES;
    assert.ok(
      history.highestGeneration <= mayBe,
      `${group}: ${history.highestGeneration} rebalances, at most ${mayBe}`,
    );
  }
  await churn.close();
  for (const group of churn.groups) expectGood(churn.history(group));
});

type Condition = (history: GroupHistory, members: readonly string[]) => boolean;

const isStable: Condition = (history, members) => history.isStable(members, PARTITIONS);

/** Waits until each group is as it should be. Errors: rejects with what is wrong with it after SETTLE_MS. */
async function untilEach(churn: GroupChurn, what: string, holds: Condition): Promise<void> {
  const deadlineMs = Date.now() + SETTLE_MS;
  for (const group of churn.groups) {
    const ask = async () => holds(churn.history(group), churn.membersOf(group));
    await until(ask, (answer) => answer, `${group} ${what}`, deadlineMs - Date.now());
  }
}

function expectGood({ violations, told }: GroupHistory): void {
  assert.equal(violations.length, 0, `${violations.join('\n')}\nwhat members were told:\n${told.join('\n')}`);
}

function tell(t: TestContext, churn: GroupChurn, ends: ReadonlyMap<number, number>): void {
  const written = [...ends.values()].reduce((sum, end) => sum + end, 0);
  t.diagnostic(
    `${written} records, ${churn.kills} processes killed, ${churn.stalls} members of each group stalled, ${churn.intruders} intruders`,
  );
  for (const group of churn.groups) {
    const { highestGeneration, longestGapMs, delivered, deliveredLate, lost, looks } = churn.history(group);
    const figures = {
      changes: churn.changesOf(group),
      generations: highestGeneration,
      'delivered again': delivered - written,
      'delivered by who has just awoken or is fenced': deliveredLate,
      'times that partitions were lost': lost,
      'looks at offsets': looks,
      'longest without an owner, ms': longestGapMs,
    };
    t.diagnostic(`${group}: ${JSON.stringify(figures)}`);
  }
}
