/** Our controller beside what the JVM's said once; see controller.jvm.test.ts. */
import { join } from 'node:path';
import { test } from 'node:test';
import { seededRandom } from '@skarab/base';
import { Cluster } from './controllers/cluster.ts';
import { ComparedControllers } from './controllers/compared-controllers.ts';
import { runFuzzer } from './controllers/fuzzer.ts';
import { otherScenarios } from './controllers/other-scenarios.ts';
import { topicScenarios } from './controllers/topic-scenarios.ts';
import { WrittenController } from './controllers/written-controller.ts';

const written = (file: string): WrittenController =>
  new WrittenController(join(import.meta.dirname, 'testdata', 'controller-4.3.1', file));

test('scenarios', async (t) => {
  const controllers = await ComparedControllers.start(written('scenarios.txt'), '4.3');
  const cluster = new Cluster(controllers);
  for (const { name, run } of [...topicScenarios, ...otherScenarios]) await t.test(name, () => run(cluster));
  await controllers.compareLogs();
});

for (const release of ['4.3', '3.5']) {
  test(`random requests at ${release}`, async () => {
    const controllers = await ComparedControllers.start(written(`random-${release}.txt`), release);
    await runFuzzer(controllers, seededRandom(1), 150);
    await controllers.compareLogs();
  });
}
