import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../../tools/raw-client/brokers.ts';
import { differingReplicas } from './replicas.ts';

test('replicas are compared by their bytes, wherever segments begin', async (t) => {
  const folder = await scratchFolder(t);
  const replica = (broker: string, segments: Readonly<Record<string, string>>): string => {
    const dataDir = join(folder, broker);
    mkdirSync(join(dataDir, 't-0'), { recursive: true });
    for (const [name, content] of Object.entries(segments)) writeFileSync(join(dataDir, 't-0', name), content);
    return dataDir;
  };
  const whole = replica('1', { '00.log': 'abcdef', '00.index': 'x' });
  const parts = replica('2', { '00.log': 'abc', '03.log': 'def' });
  const short = replica('3', { '00.log': 'abcde' });
  assert.deepEqual(differingReplicas([whole, parts, join(folder, 'none')], 't', 1), []);
  assert.equal(differingReplicas([whole, parts, short], 't', 1).length, 1);
});
