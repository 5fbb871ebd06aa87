/**
 * Lists broker configurations that no source reads and that are not said to be without effect: accepted and ignored. None may be.
 *
 *   node tools/generate/configs/unread.ts       (part of `npm run check`; exit code 1 when there is one)
 *
 * A name counts as read when a source of the server quotes it. The catalogue, the rules between configurations, the programs (which only
 * write them) and tests do not count.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brokerConfigDef, groupConfigDef, inertReason, refusedReason, topicConfigDef } from '@skarab/config';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const notReading =
  /\.test\.ts$|\/generated\/|\/testing\/|packages\/(cli|bench)\/|packages\/config\/src\/(broker\/(validate|inert|refused|broker-warnings)|topic\/served)/;

/** Broker configurations that stand for a topic's or a group's are read through it. */
function inheritedNames(): Set<string> {
  const keys = [...topicConfigDef.keys, ...groupConfigDef.keys];
  return new Set(keys.flatMap((key) => key.synonyms.map((one) => one.name)));
}

/** Names of broker configurations without a reader. */
export function unreadBrokerConfigs(): string[] {
  const paths = globSync('packages/*/src/**/*.ts', { cwd: root }).filter((path) => !notReading.test(path));
  const text = paths.map((path) => readFileSync(join(root, path), 'utf8')).join('\n');
  const inherited = inheritedNames();
  const isDeclared = (name: string): boolean => (inertReason(name) ?? refusedReason(name)) !== undefined;
  return brokerConfigDef.keys
    .map((key) => key.name)
    .filter((name) => !isDeclared(name) && !inherited.has(name) && !text.includes(`'${name}'`))
    .sort();
}

if (import.meta.main) {
  const unread = unreadBrokerConfigs();
  for (const name of unread) {
    console.error(
      `${name} is neither read nor said to be without effect (packages/config/src/broker/inert-broker-configs.ts)`,
    );
  }
  process.exitCode = unread.length === 0 ? 0 : 1;
}
