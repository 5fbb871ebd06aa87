/** Groups with members in them: what the tools say about who owns what, and what they refuse while members are there. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { compareWithJvm, type Session } from './transcript.ts';

/** A console consumer that stays until the returned function ends it in order. */
async function member(s: Session, group: string, protocol: string): Promise<() => Promise<void>> {
  const properties = [
    `group.protocol=${protocol}`,
    'client.id=member',
    ...(protocol === 'classic' ? ['heartbeat.interval.ms=300'] : []),
  ];
  const flags = properties.flatMap((property) => ['--command-property', property]);
  const args = [
    '--bootstrap-server',
    s.bootstrapServers,
    '--topic',
    't',
    '--group',
    group,
    '--from-beginning',
    ...flags,
  ];
  const child = spawn(s.jvm.bin('console-consumer'), args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const closed = once(child, 'close');
  let seen = 0;
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString().split('\n').length - 1;
      if (seen >= 6) resolve();
    });
    child.once('close', () => reject(new Error('the consumer ended')));
  });
  return async () => {
    child.kill('SIGTERM');
    await closed;
  };
}

function describesMembers(t: TestContext, protocol: string, needs: readonly string[]): Promise<void> {
  const mask: [RegExp, string][] = [
    [/ +/g, ' '],
    [/\bmember-[0-9a-f-]{36}/g, 'MEMBER'],
    [/(?<= )[\w-]{22}(?= \/127)/g, 'MEMBER'],
  ];
  const script = async (s: Session): Promise<void> => {
    const groups = (args: string) => s.tool('consumer-groups', args, { mask, sorted: true });
    await s.tool('topics', '--create --topic t --partitions 2');
    await s.tool('console-producer', '--topic t --reader-property parse.key=true --reader-property key.separator=:', {
      input: 'a:1\nb:2\nc:3\nd:4\ne:5\nf:6\n',
    });
    const end = await member(s, 'g', protocol);
    await groups('--describe --group g --members --verbose');
    await groups('--describe --group g --state');
    await groups('--delete --group g');
    await groups('--reset-offsets --group g --all-topics --to-earliest --execute');
    await groups('--delete-offsets --group g --topic t');
    await groups('--list --state');
    await end();
    await groups('--describe --group g');
    await groups('--describe --group g --state');
  };
  return compareWithJvm(t, script, { needs });
}

test('a classic group with a member is described as the JVM broker does it', { timeout: 60_000 }, (t) =>
  describesMembers(t, 'classic', []),
);

test('a consumer group with a member is described as the JVM broker does it', { timeout: 60_000 }, (t) =>
  describesMembers(t, 'consumer', ['ConsumerGroupHeartbeat', 'ConsumerGroupDescribe']),
);
