/**
 * Lists broker configurations that no source reads and that are not said to be without effect.
 *
 *   node tools/generate/configs/unread.ts
 *
 * A name counts as read when a source of a package quotes it; the catalogue, the rules between configurations and tests do not count.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brokerConfigDef, groupConfigDef, inertReason, topicConfigDef } from '@skarab/config';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const notReading = /\.test\.ts$|\/generated\/|packages\/config\/src\/(broker\/(validate|inert)|topic\/served)/;

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
  return brokerConfigDef.keys
    .map((key) => key.name)
    .filter((name) => inertReason(name) === undefined && !inherited.has(name) && !text.includes(`'${name}'`))
    .sort();
}

if (import.meta.main) console.log(unreadBrokerConfigs().join('\n'));
