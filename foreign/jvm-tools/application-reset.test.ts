/**
 * kafka-streams-application-reset: what an application of Kafka Streams has left, its offsets and its internal topics, is put back, on the JVM's broker
 * and on ours.
 */
import { test } from 'node:test';
import { compareWithJvm, type Session } from './transcript.ts';

const INTERNAL = ['app-store-changelog', 'app-store-repartition'];
const reset = 'streams-application-reset';

/** An application that has read all of two topics, one of which it made itself. */
async function leaveTraces(s: Session): Promise<void> {
  for (const topic of ['lines', 'between', ...INTERNAL])
    await s.tool('topics', `--create --topic ${topic} --partitions 2`);
  for (const topic of ['lines', 'between']) {
    await s.tool('console-producer', `--topic ${topic} --property parse.key=true`, { input: 'k\ta\nk\tb\nk\tc\n' });
    await s.tool(
      'console-consumer',
      `--topic ${topic} --group app --from-beginning --max-messages 3 --timeout-ms 10000`,
    );
  }
}

const describe = (s: Session): Promise<unknown> =>
  s.tool('consumer-groups', '--describe --group app --offsets', { sorted: true, mask: [[/ +/g, ' ']] });

test('an application is reset as with the JVM broker', { timeout: 120_000 }, (t) =>
  compareWithJvm(t, async (s) => {
    await leaveTraces(s);
    await describe(s);
    const sorted = { sorted: true };
    await s.tool(reset, '--application-id app --input-topics lines --dry-run', sorted);
    await describe(s);
    await s.tool(reset, '--application-id app --input-topics lines', sorted);
    await describe(s);
    await s.tool('topics', '--list');
    for (const how of ['--to-latest', '--shift-by -1', '--to-offset 2', '--by-duration PT1H', '--to-earliest'])
      await s.tool(reset, `--application-id app --input-topics lines,between ${how}`, sorted);
    await describe(s);
    await s.tool(reset, '--application-id app --input-topics nowhere', sorted);
    await s.tool(reset, '--application-id app --input-topics lines --internal-topics lines', sorted);
    await s.tool(reset, '--application-id stranger --input-topics lines', sorted);
  }),
);
