/**
 * Our controller beside the JVM's. RECORD=1 writes down what the JVM says, for controller.test.ts.
 *
 * SEED, STEPS and RELEASES in the environment choose other random requests.
 */
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { Cluster } from './controllers/cluster.ts';
import { ComparedControllers, type ReferenceController } from './controllers/compared-controllers.ts';
import { runFuzzer } from './controllers/fuzzer.ts';
import { JvmController } from './controllers/jvm-controller.ts';
import { otherScenarios } from './controllers/other-scenarios.ts';
import { topicScenarios } from './controllers/topic-scenarios.ts';
import { WritingController } from './controllers/written-controller.ts';

/** Releases before 3.7 have no registrations of controllers. */
const registersControllers = (release: string): boolean => Number(release.split('.')[1]) >= 7 || release >= '4';

test('scenarios', async (t) => {
  const controllers = await compared(t, '4.3', 'scenarios.txt');
  if (controllers === undefined) return;
  const cluster = new Cluster(controllers);
  for (const { name, run } of [...topicScenarios, ...otherScenarios]) await t.test(name, () => run(cluster));
  await controllers.compareLogs();
});

for (const release of (process.env['RELEASES'] ?? '4.3,3.5').split(',')) {
  test(`random requests at ${release}`, async (t) => {
    const seed = Number(process.env['SEED'] ?? 1);
    const steps = Number(process.env['STEPS'] ?? 150);
    t.diagnostic(`SEED=${seed} STEPS=${steps}`);
    const controllers = await compared(t, release, `random-${release}.txt`);
    if (controllers === undefined) return;
    await runFuzzer(controllers, seededRandom(seed), steps);
    await controllers.compareLogs();
  });
}

async function compared(t: TestContext, release: string, file: string): Promise<ComparedControllers | undefined> {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return undefined;
  const theirs = await JvmController.start(jvm, release, registersControllers(release));
  t.after(() => theirs.stop());
  const path = join(import.meta.dirname, 'testdata', 'controller-4.3.1', file);
  const reference: ReferenceController = process.env['RECORD'] === '1' ? new WritingController(theirs, path) : theirs;
  return ComparedControllers.start(reference, release);
}
