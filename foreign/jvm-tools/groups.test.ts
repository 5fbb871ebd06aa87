/** Consumer groups: listing, describing, every form of resetting offsets, deleting offsets and groups. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../harness.ts';
import { compareWithJvm, type Session } from './transcript.ts';

/** Two topics with ten and five records, and a group that read all of them. */
async function prepare(s: Session, group = 'g'): Promise<void> {
  await s.tool('topics', '--create --topic a --partitions 2');
  await s.tool('topics', '--create --topic b');
  const keyed = '--reader-property parse.key=true --reader-property key.separator=:';
  const input = (count: number): string => Array.from({ length: count }, (_, i) => `k${i}:v${i}\n`).join('');
  await s.tool('console-producer', `--topic a ${keyed}`, { input: input(10) });
  await s.tool('console-producer', `--topic b ${keyed}`, { input: input(5) });
  const args = `--include [ab] --from-beginning --max-messages 15 --group ${group}`;
  await s.tool('console-consumer', args, { sorted: true });
}

/** kafka-consumer-groups without what differs between any two runs. */
function groupsTool(s: Session) {
  return (args: string, sorted = false) =>
    s.tool('consumer-groups', args, {
      sorted,
      mask: [
        [/ +/g, ' '],
        [/consumer-[\w-]+-[0-9a-f-]{36}/g, 'MEMBER'],
      ],
    });
}

test('groups are listed, described and deleted as the JVM broker does it', { timeout: 120_000 }, (t) =>
  compareWithJvm(t, async (s) => {
    const groups = groupsTool(s);
    await groups('--list');
    await prepare(s);
    await groups('--list');
    await groups('--list --state');
    await groups('--list --type');
    await groups('--list --state Stable');
    await groups('--describe --group g', true);
    await groups('--describe --group g --offsets --verbose', true);
    await groups('--describe --group g --members');
    await groups('--describe --group g --members --verbose');
    await groups('--describe --group g --state');
    await groups('--describe --all-groups --state');
    await groups('--describe --group nobody');
    await groups('--describe --group nobody --state');
    await groups('--describe --group nobody --members');
    await groups('--delete-offsets --group g --topic b');
    await groups('--delete-offsets --group g --topic b:0');
    await groups('--delete-offsets --group g --topic nowhere');
    await groups('--delete-offsets --group nobody --topic b');
    await groups('--describe --group g', true);
    await s.tool('groups', '--list', { sorted: true, mask: [[/ +/g, ' ']] });
    await s.tool('groups', '--list --consumer', { sorted: true, mask: [[/ +/g, ' ']] });
    await groups('--delete --group g');
    await groups('--delete --group g');
    await groups('--list');
  }),
);

test('groups of the consumer protocol are shown as the JVM broker does it', { timeout: 120_000 }, (t) =>
  compareWithJvm(
    t,
    async (s) => {
      const groups = groupsTool(s);
      await prepare(s);
      const consumer =
        '--topic b --from-beginning --max-messages 5 --group modern --command-property group.protocol=consumer';
      await s.tool('console-consumer', consumer);
      await groups('--describe --group modern');
      await groups('--describe --group modern --state');
      await groups('--describe --group modern --members --verbose');
      await groups('--list --type');
      await groups('--delete --group modern');
    },
    { needs: ['ConsumerGroupHeartbeat', 'ConsumerGroupDescribe'] },
  ),
);

test('offsets are reset in every form as the JVM broker does it', { timeout: 180_000 }, async (t) => {
  const folder = await scratchFolder(t);
  const file = join(folder, 'offsets.csv');
  await compareWithJvm(t, async (s) => {
    await prepare(s);
    const mask: [RegExp, string][] = [
      [/ +/g, ' '],
      [new RegExp(folder, 'g'), 'FOLDER'],
    ];
    const reset = (args: string) =>
      s.tool('consumer-groups', `--reset-offsets --group g ${args}`, { mask, sorted: true });
    const described = () => s.tool('consumer-groups', '--describe --group g', { mask, sorted: true });
    await reset('--all-topics --to-earliest --dry-run');
    await described();
    await reset('--all-topics --to-earliest');
    await reset('--topic a --to-earliest --execute');
    await described();
    await reset('--topic a:0,1 --to-latest --execute');
    await reset('--topic a:1 --to-offset 2 --execute');
    await reset('--topic b --to-offset 99 --execute');
    await reset('--topic b --shift-by -2 --execute');
    await reset('--topic b --shift-by 1 --execute');
    await reset('--topic b --shift-by -99 --execute');
    await reset('--topic b --shift-by 99 --execute');
    await reset('--all-topics --to-current --execute');
    await reset('--topic b --to-datetime 2000-01-01T00:00:00.000Z --execute');
    await reset('--topic b --to-datetime 2100-01-01T00:00:00.000 --execute');
    await reset('--topic b --to-datetime yesterday --execute');
    await reset('--topic b --by-duration P1D --execute');
    await reset('--topic b --by-duration PT0S --execute');
    await writeFile(file, 'a,0,1\na,1,3\nb,0,4\n');
    await reset(`--from-file ${file} --dry-run`);
    await reset(`--from-file ${file} --execute`);
    await described();
    await reset('--all-topics --to-earliest --export');
    await reset('--all-topics --to-current --export --dry-run');
    await reset('--topic nowhere --to-earliest --execute');
    await reset('--topic a:9 --to-earliest --execute');
    await reset('--to-earliest --execute');
    await s.tool('consumer-groups', '--reset-offsets --group fresh --topic a --to-earliest --execute', {
      mask,
      sorted: true,
    });
    await s.tool('consumer-groups', '--describe --group fresh', { mask, sorted: true });
    await s.tool('consumer-groups', '--reset-offsets --all-groups --all-topics --to-latest --execute', {
      mask,
      sorted: true,
    });
    await s.tool('console-consumer', '--topic b --group fresh --from-beginning --max-messages 5');
  });
});
