/**
 * Kafka's tools over three combined nodes, the JVM's and ours: the same calls, the two transcripts compared as whole values.
 *
 * Every call goes to one node, so that most are for another one to decide; replicas are placed by hand, because Kafka places them at random.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../harness.ts';
import { compareClusters, type Mask } from './cluster-session.ts';

const QUORUM: Mask = [
  [/\b(ClusterId|LeaderId|LeaderEpoch|HighWatermark|MaxFollowerLag|MaxFollowerLagTimeMs): +(\S+)/g, '$1: N'],
  [/^\d\s+[\w-]{22}\s+\d+\s+\d+\s+-?\d+\s+-?\d+\s+(Leader|Follower|Observer)\s*$/gm, 'REPLICA'],
  [/ +/g, ' '],
];
const FILTERS = ['under-replicated', 'unavailable', 'under-min-isr', 'at-min-isr'];

test('topics, configurations and groups, asked of any node', { timeout: 240_000 }, (t) =>
  compareClusters(t, [], async (s) => {
    await s.via(
      1,
      'topics',
      '--create --topic t --replica-assignment 1:2:3,2:3:1,3:1:2 --config min.insync.replicas=2',
    );
    for (const id of [1, 2, 3]) {
      await s.untilVia(id, 'topics', '--list', (list) => list.includes('t'));
      await s.via(id, 'topics', '--describe --topic t');
      await s.via(id, 'topics', `--create --topic of-${id} --replica-assignment ${id}`);
      await s.via(id, 'topics', '--create --topic t');
      await s.via(id, 'topics', '--create --topic wide --replication-factor 4');
      await s.via(id, 'topics', '--delete --topic nowhere');
      await s.via(id, 'topics', '--alter --topic t --partitions 2');
      await s.via(id, 'configs', `--alter --entity-type topics --entity-name t --add-config retention.ms=${id}000`);
      await s.untilVia(id, 'configs', '--describe --entity-type topics --entity-name t', (text) =>
        text.includes(`retention.ms=${id}000`),
      );
      await s.via(id, 'configs', '--alter --entity-type topics --entity-name t --add-config retention.ms=often');
      await s.via(id, 'configs', '--alter --entity-type topics --entity-name t --add-config no.such=1');
      await s.via(id, 'configs', '--alter --entity-type topics --entity-name nowhere --add-config retention.ms=1');
      await s.via(
        id,
        'configs',
        `--alter --entity-type brokers --entity-name ${id} --add-config log.cleaner.threads=2`,
      );
      await s.via(id, 'configs', `--alter --entity-type brokers --entity-name ${id} --add-config broker.id=9`);
      await s.via(id, 'features', 'upgrade --feature no.such=1', { mask: [[/(Local controller) \d/, '$1 N']] });
      await s.via(id, 'cluster', 'cluster-id');
      await s.via(id, 'metadata-quorum', 'describe --status', { mask: QUORUM });
      const replication = await s.via(id, 'metadata-quorum', 'describe --replication', { mask: QUORUM });
      assert.match(replication, /Leader/);
    }
    await s.via(2, 'console-producer', '--topic t --command-property acks=all', { input: 'a\nb\nc\n' });
    for (const id of [1, 2, 3]) {
      const group = `--group g${id} --from-beginning --timeout-ms 8000 --max-messages 3`;
      await s.via(id, 'console-consumer', `--topic t ${group}`, { mask: [[/[abc]\n/g, 'RECORD\n']] });
      await s.untilVia(id, 'consumer-groups', `--describe --group g${id} --state`, (text) => text.includes('Empty'));
      await s.via(id, 'consumer-groups', `--delete --group g${id}`);
    }
  }),
);

test('partitions of which replicas are missing, elections and reassignments', { timeout: 240_000 }, async (t) => {
  const folder = await scratchFolder(t);
  const plan = join(folder, 'plan.json');
  const mask: Mask = [
    [new RegExp(folder, 'g'), 'FOLDER'],
    [/[^"]*\/kafka-cluster-\w+/g, 'CLUSTER'],
  ];
  await compareClusters(t, mask, async (s) => {
    const { cluster } = s;
    await s.via(1, 'topics', '--create --topic all --replica-assignment 3:1:2,1:2:3 --config min.insync.replicas=2');
    await s.via(1, 'topics', '--create --topic two --replica-assignment 3:1 --config min.insync.replicas=2');
    await s.via(1, 'topics', '--create --topic one --replica-assignment 3');
    const lacking = '--describe --under-replicated-partitions';
    for (const filter of FILTERS) await s.via(1, 'topics', `--describe --${filter}-partitions`);
    await cluster.node(3).kill();
    await s.untilVia(1, 'topics', lacking, (text) => text.match(/Topic: (all|two|one)/g)?.length === 4);
    await s.untilVia(1, 'topics', '--describe --topic one', (text) => text.includes('Leader: none'));
    for (const filter of FILTERS) await s.via(1, 'topics', `--describe --${filter}-partitions`);
    await s.via(2, 'leader-election', '--election-type preferred --topic all --partition 0');
    await s.via(2, 'cluster', 'list-endpoints', { mask: [[/ +/g, ' ']] });
    await cluster.node(3).start();
    await s.untilVia(1, 'topics', lacking, (text) => !text.includes('Topic:'));
    for (const filter of FILTERS) await s.via(3, 'topics', `--describe --${filter}-partitions`);
    await s.via(2, 'leader-election', '--election-type preferred --topic all --partition 0');
    await s.viaOnce(2, 'topics', '--describe --topic all', (text) => text.includes('Leader: 3'));
    await writeFile(plan, '{"version":1,"partitions":[{"topic":"one","partition":0,"replicas":[1,2]}]}');
    await s.via(2, 'reassign-partitions', `--execute --reassignment-json-file ${plan}`);
    await s.untilVia(2, 'reassign-partitions', '--list', (text) => text.includes('No partition reassignments'));
    // The tool asks the controller what goes on and any node what there is, which may have heard less.
    for (const id of [1, 2, 3]) {
      await s.untilVia(id, 'topics', '--describe --topic one', (text) => /Leader: 1.*Isr: [12],[12]/.test(text));
    }
    await s.via(2, 'reassign-partitions', `--verify --reassignment-json-file ${plan}`);
    // Both join at once.
    await s.via(2, 'topics', '--describe --topic one', { mask: [[/Isr: 2,1/, 'Isr: 1,2']] });
  });
});
