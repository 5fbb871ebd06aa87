/**
 * Share groups over three nodes, one of which dies: partitions, their states and their groups are on different brokers.
 */
import { test } from 'node:test';
import { compareClusters, type Mask } from './cluster-session.ts';

const NODES = [1, 2, 3];
const RECORDS = 30;
const SPACES: Mask = [[/ +/g, ' ']];
const KEYED =
  '--topic t --command-property acks=all --reader-property parse.key=true --reader-property key.separator=:';

/** Keys, so that both producers spread them alike. */
function lines(prefix: string): string {
  return Array.from({ length: RECORDS }, (_, i) => `${prefix}${i}:${prefix}${i}\n`).join('');
}

test('share groups are coordinated, read and described by any node', { timeout: 240_000 }, (t) =>
  compareClusters(t, [], async (s) => {
    const consume = (id: number, group: string) =>
      s.via(id, 'console-share-consumer', `--topic t --group ${group} --max-messages ${RECORDS} --timeout-ms 60000`, {
        sorted: true,
      });
    const describe = (id: number, group: string) =>
      s.via(id, 'share-groups', `--describe --group ${group}`, { mask: SPACES, sorted: true });
    await s.via(1, 'topics', '--create --topic t --replica-assignment 1:2:3,2:3:1,3:1:2');
    for (const id of NODES) {
      const reset = `--alter --entity-type groups --entity-name g${id} --add-config share.auto.offset.reset=earliest`;
      await s.via(id, 'configs', reset);
    }
    await s.via(1, 'console-producer', KEYED, { input: lines('a') });
    for (const id of NODES) {
      await consume(id, `g${id}`);
      await describe((id % NODES.length) + 1, `g${id}`);
    }
    await s.cluster.node(3).kill();
    await s.untilVia(1, 'topics', '--describe --topic t', (text) => text.match(/Leader: [12]/g)?.length === 3);
    await s.via(1, 'console-producer', KEYED, { input: lines('b') });
    for (const id of NODES) {
      await consume((id % 2) + 1, `g${id}`);
      await describe(2, `g${id}`);
      await s.via(1, 'share-groups', `--delete --group g${id}`);
    }
    await s.via(2, 'share-groups', '--list');
  }),
);
