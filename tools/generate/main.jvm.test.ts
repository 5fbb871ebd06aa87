import { strict as assert } from 'node:assert';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { requireKafkaJvm, runProgram } from '../kafka-jvm/jvm.ts';

test('the generated files are those that the generator makes', async (t) => {
  if ((await requireKafkaJvm(t)) === undefined) return;
  const main = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');
  const { code, stdout, stderr } = await runProgram(process.execPath, [main, '--check'], {});
  assert.equal(code, 0, stdout + stderr);
});
