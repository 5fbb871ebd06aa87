/**
 * Exactly once with the Java client: processors of two banks, one in a classic group and one in a consumer group, carry out orders of transfers by transactions, while
 * they stand still or are killed with kill -9; so are the nodes that coordinate their transactions, their groups, and lead what they read and write.
 *
 * The sum of all accounts never changes for a reader of committed data; no attempt is torn, none that was aborted or cut off is there, each order is carried out once,
 * and committed offsets and entries move together (BankAudit). Each kind of node is killed once, or in turn as long as kills begin within SKARAB_BANK_SECONDS;
 * SKARAB_BANK_SEED says who is killed when. For long: `SKARAB_BANK_SECONDS=180 node foreign/jvm-tools/bank.test.ts`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Random, seededRandom } from '@skarab/base';
import { partitionForGroup } from '@skarab/coordinator';
import { requireTools, startCluster } from '../cluster/harness.ts';
import type { Step } from './bank-events.ts';
import { type Bank, JavaBanks, PARTITIONS, SLOTS } from './java-banks.ts';
import { LeaderKills, type TopicPartition } from './leader-kills.ts';

const DURATION_MS = Number(process.env['SKARAB_BANK_SECONDS'] ?? 0) * 1000;
const SEED = Number(process.env['SKARAB_BANK_SEED'] ?? Date.now() % 1_000_000);
const SESSION_TIMEOUT_MS = 3000;
/** Short ones end before the node is given up by the controller, long ones after. */
const MAX_DOWN_MS = 5000;
/** For a place without a processor: the others are given its partitions meanwhile, with its transaction open. */
const VACANT_MS = SESSION_TIMEOUT_MS + 2000;
const SETTLE_MS = 90_000;
/** Of `__transaction_state` and of `__consumer_offsets`. */
const COORDINATORS = 4;

const properties = {
  'min.insync.replicas': '2',
  'transaction.state.log.min.isr': '2',
  'transaction.state.log.num.partitions': String(COORDINATORS),
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500',
  'offsets.topic.num.partitions': String(COORDINATORS),
  'broker.session.timeout.ms': '3000',
  'broker.heartbeat.interval.ms': '500',
  'group.min.session.timeout.ms': '1000',
  'group.consumer.min.session.timeout.ms': '1000',
  'group.consumer.session.timeout.ms': String(SESSION_TIMEOUT_MS),
  'group.consumer.min.heartbeat.interval.ms': '300',
  'group.consumer.heartbeat.interval.ms': '500',
};

/** Banks by name, which is that of the group as well. */
const banks = {
  classic: {
    'group.protocol': 'classic',
    'session.timeout.ms': String(SESSION_TIMEOUT_MS),
    'heartbeat.interval.ms': '500',
  },
  consumer: { 'group.protocol': 'consumer' },
};

/** What happens to a processor, when it has told a step, or whenever. The first two happen to each bank. */
const blows: readonly { readonly kind: 'kill' | 'stall'; readonly step?: Step }[] = [
  { kind: 'kill', step: 'began' },
  // It goes on, in less than a transaction's timeout, and would commit what has been given to another meanwhile.
  { kind: 'stall', step: 'sent' },
  // It goes on, and would send offsets of what is another's.
  { kind: 'stall', step: 'began' },
  { kind: 'kill', step: 'sent' },
  { kind: 'kill', step: 'committing' },
  { kind: 'kill' },
];

/** What the killed node leads. */
const targets: Readonly<Record<string, (bank: string, random: Random) => TopicPartition>> = {
  'transaction coordinator': (bank, random) => {
    const transactionalId = `${bank}-${random.int(SLOTS)}`;
    return { topic: '__transaction_state', partition: partitionForGroup(transactionalId, COORDINATORS) };
  },
  'group coordinator': (bank) => ({
    topic: '__consumer_offsets',
    partition: partitionForGroup(bank, COORDINATORS),
  }),
  'leader of orders': (bank, random) => ({ topic: `orders-${bank}`, partition: random.int(PARTITIONS) }),
  'leader of entries': (bank, random) => ({ topic: `entries-${bank}`, partition: random.int(PARTITIONS) }),
};

test('banks of the Java client whose processors, brokers and coordinators are killed', {
  timeout: DURATION_MS + 400_000,
}, async (t) => {
  const tools = await requireTools(t);
  if (tools === undefined) return;
  t.diagnostic(`seed ${SEED}`);
  const { jvm, ours } = tools;
  const nodes = [1, 2, 3].map((id) => ({ id, roles: 'broker,controller' as const, distribution: ours }));
  const cluster = await startCluster(t, { nodes, properties });
  const run = new JavaBanks(t, { jvm, bootstrapServers: cluster.bootstrapServers, seed: SEED, banks });
  await run.open();
  const endMs = Date.now() + DURATION_MS;
  const names = Object.keys(banks);
  const topics = names.flatMap((bank) => [`orders-${bank}`, `entries-${bank}`]);
  const leaders = new LeaderKills(cluster, ['__transaction_state', '__consumer_offsets', ...topics]);
  let kills = 0;
  let isOver = false;

  const killNodes = async (): Promise<void> => {
    const random = seededRandom(SEED);
    do {
      for (const target of shuffled(Object.values(targets), random)) {
        await sleep(500 + random.int(1000));
        await leaders.kill(target(names[kills % names.length]!, random), random.int(MAX_DOWN_MS));
        kills++;
      }
    } while (Date.now() < endMs);
    isOver = true;
  };

  const strikeProcessors = async ({ slots }: Bank, seed: number): Promise<void> => {
    const random = seededRandom(seed);
    for (let i = 0; !isOver || i < 2 || slots.every(({ cuts }) => cuts === 0); i++) {
      await sleep(random.int(4000));
      const slot = slots[random.int(slots.length)]!;
      const { kind, step } = blows[i < 2 ? i : random.int(blows.length)]!;
      if (step !== undefined) await slot.untilTold(step);
      if (kind === 'stall') await slot.stall(VACANT_MS);
      else {
        await slot.kill();
        if (random.int(3) === 0) await sleep(VACANT_MS);
        await slot.start();
      }
    }
  };

  await Promise.all([killNodes(), ...run.banks.map((bank, i) => strikeProcessors(bank, SEED + i + 1))]);
  await run.settle(SETTLE_MS);
  await run.close();
  t.diagnostic(`${kills} kills of nodes, a quarter each: ${Object.keys(targets).join(', ')}`);
  for (const { name, audit, slots } of run.banks) {
    const sum = (what: 'kills' | 'cuts' | 'cutCommits' | 'stalls') =>
      slots.reduce((total, slot) => total + slot[what], 0);
    const figures = {
      orders: audit.orders,
      transactions: audit.countOf('committed'),
      aborted: audit.countOf('aborted'),
      looks: audit.looks,
      'processors killed': sum('kills'),
      'amid an open transaction': sum('cuts'),
      'amid a commit': sum('cutCommits'),
      stalled: sum('stalls'),
    };
    t.diagnostic(`${name}: ${JSON.stringify(figures)}`);
    assert.deepEqual(audit.judge(), []);
    assert.ok(audit.isDone);
    assert.ok(audit.countOf('aborted') > 0 && sum('cuts') > 0, 'the load was no load');
  }
});

function shuffled<T>(items: readonly T[], random: Random): T[] {
  const left = [...items];
  return items.map(() => left.splice(random.int(left.length), 1)[0]!);
}
