/** Share groups: the tools consume and describe, alter and delete them as on the JVM's broker. */
import { test } from 'node:test';
import { compareWithJvm, type Session } from './transcript.ts';

const SERVED = [
  'ShareGroupHeartbeat',
  'ShareFetch',
  'ShareAcknowledge',
  'ShareGroupDescribe',
  'DescribeShareGroupOffsets',
  'AlterShareGroupOffsets',
  'DeleteShareGroupOffsets',
];
const mask: [RegExp, string][] = [[/ +/g, ' ']];

async function script(s: Session): Promise<void> {
  const groups = (args: string) => s.tool('share-groups', args, { mask, sorted: true });
  await s.tool('topics', '--create --topic t --partitions 1');
  await s.tool('console-producer', '--topic t', { input: 'a\nb\nc\nd\ne\nf\n' });
  await s.tool('configs', '--alter --entity-type groups --entity-name g --add-config share.auto.offset.reset=earliest');
  await s.tool('console-share-consumer', '--topic t --group g --max-messages 6 --timeout-ms 20000');
  await groups('--list');
  await groups('--list --state');
  await groups('--describe --group g');
  // The start offset that is described is the one before the last acknowledgement, and nothing is left to do.
  await s.tool('console-producer', '--topic t', { input: 'g\nh\ni\n' });
  await s.tool('console-share-consumer', '--topic t --group g --max-messages 3 --timeout-ms 20000');
  await groups('--describe --group g');
  await groups('--describe --group g --state --verbose');
  await groups('--describe --group g --members');
  await groups('--reset-offsets --group g --topic t --to-earliest --dry-run');
  await groups('--reset-offsets --group g --topic t --to-earliest --execute');
  await groups('--describe --group g');
  await s.tool('console-share-consumer', '--topic t --group g --max-messages 9 --timeout-ms 20000');
  await groups('--delete-offsets --group g --topic t');
  await groups('--describe --group g');
  await groups('--delete --group g');
  await groups('--list');
  await groups('--describe --group none');
}

test('share groups are as on the JVM broker', { timeout: 120_000 }, (t) =>
  compareWithJvm(t, script, { needs: SERVED }),
);
