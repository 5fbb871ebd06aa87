/**
 * Three nodes of an older release are raised to the newest, in steps and whole, lowered again where that is safe, and used and restarted in
 * between; the JVM's and ours, the two transcripts compared as whole values.
 */
import { test } from 'node:test';
import { type ClusterSession, compareClusters, type Mask } from './cluster-session.ts';

const MASK: Mask = [
  [/Epoch: \d+/g, 'Epoch: N'],
  [/\s+/g, ' '],
];

const newest = 'upgrade --release-version 4.3';

/** Asks by way of every node until all levels are those of a cluster that has heard of this one. */
async function describe(s: ClusterSession, feature: string, level: string): Promise<void> {
  const row = new RegExp(`Feature: ${feature}\\s.*FinalizedVersionLevel: ${level.replaceAll('.', '\\.')}\\s`);
  for (const id of [1, 2, 3]) {
    await s.viaOnce(id, 'features', 'describe', (text) => row.test(text), { mask: MASK });
  }
}

/** Writes and reads through every node in turn. */
async function use(s: ClusterSession, topic: string): Promise<void> {
  await s.via(1, 'topics', `--create --topic ${topic} --replica-assignment 1:2:3 --config min.insync.replicas=2`);
  for (const id of [1, 2, 3]) await s.untilVia(id, 'topics', '--list', (list) => list.includes(topic));
  await s.via(2, 'console-producer', `--topic ${topic}`, { input: 'a\nb\n' });
  await s.via(3, 'console-consumer', `--topic ${topic} --from-beginning --max-messages 2 --timeout-ms 20000`);
}

async function restart(s: ClusterSession): Promise<void> {
  for (const node of s.cluster.nodes) {
    await node.stop();
    await node.start();
    await s.untilVia(node.id, 'topics', '--describe --under-replicated-partitions', (text) => !text.includes('Topic:'));
  }
}

test('metadata and features go up and down over three nodes', { timeout: 280_000 }, (t) =>
  compareClusters(
    t,
    [],
    async (s) => {
      await describe(s, 'metadata.version', '3.9-IV0');
      await use(s, 'old');
      await s.via(1, 'features', 'upgrade --feature share.version=1');
      await s.via(2, 'features', 'upgrade --metadata 4.1-IV1');
      await describe(s, 'metadata.version', '4.1-IV1');
      await s.via(3, 'features', 'upgrade --metadata 4.0-IV3');
      await s.via(3, 'features', 'downgrade --metadata 3.9-IV0');
      // A leader hears what its voters support only a fetch timeout (2 s) after its election.
      await s.untilVia(3, 'features', `${newest} --dry-run`, (text) => !text.includes('not all of the voters support'));
      await s.via(3, 'features', newest);
      await describe(s, 'metadata.version', '4.3-IV0');
      await restart(s);
      await describe(s, 'share.version', '1');
      await use(s, 'new');
      await s.via(1, 'features', 'downgrade --metadata 4.2-IV1 --dry-run');
      await s.via(1, 'features', 'downgrade --metadata 3.3-IV3');
      await s.via(1, 'features', 'downgrade --feature kraft.version=0');
      await s.via(1, 'features', 'downgrade --feature group.version=0');
      await s.via(2, 'features', 'downgrade --feature share.version=0');
      await s.via(2, 'features', 'downgrade --metadata 4.2-IV1');
      await s.via(2, 'features', 'downgrade --release-version 4.0');
      await describe(s, 'share.version', '0');
      await restart(s);
      await use(s, 'again');
      await describe(s, 'share.version', '0');
    },
    { formatOptions: ['--release-version', '3.9'] },
  ),
);
