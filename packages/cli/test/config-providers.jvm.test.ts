/**
 * Variables in a server.properties come to the same values, and the same refusals, as with the JVM's providers.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '@skarab/base';
import { BrokerConfig, resolveConfigVariables } from '@skarab/config';
import { requireKafkaJvm } from '../../../tools/kafka-jvm/jvm.ts';
import { configProviders } from '../src/config/config-providers.ts';

/** Starts a broker's configuration by the JVM's classes. */
const oracle = fileURLToPath(new URL('../../config/test/ConfigOracle.java', import.meta.url));

interface Start {
  readonly op: 'start';
  readonly broker: Record<string, string>;
}

const minimalBroker = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'controller.quorum.bootstrap.servers': 'localhost:9093',
  listeners: 'PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093',
};

const PACKAGE = 'org.apache.kafka.common.config.provider.';
const variable = (text: string): string => `$\{${text}}`;

/** A node whose log directory is a variable. */
function withProvider(className: string, logDirs: string, parameters: Record<string, string> = {}): Start {
  const entries = Object.entries(parameters).map(([name, value]) => [`config.providers.p.param.${name}`, value]);
  return {
    op: 'start',
    broker: {
      ...minimalBroker,
      'log.dirs': logDirs,
      'config.providers': 'p',
      'config.providers.p.class': className.includes('.') ? className : PACKAGE + className,
      ...(Object.fromEntries(entries) as Record<string, string>),
    },
  };
}

function ours({ broker }: Start): unknown {
  try {
    const properties = resolveConfigVariables(new Map(Object.entries(broker)), configProviders(process.env));
    return { logDirs: BrokerConfig.fromProperties(properties).logDirs };
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return { error: error.message };
  }
}

test('providers of configurations', async (t) => {
  const jvm = await requireKafkaJvm(t);
  if (jvm === undefined) return;
  const folder = mkdtempSync(join(tmpdir(), 'skarab-providers-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const allowed = join(folder, 'allowed');
  mkdirSync(join(allowed, 'inner'), { recursive: true });
  mkdirSync(`${allowed}-not`);
  for (const one of [allowed, `${allowed}-not`]) {
    writeFileSync(join(one, 'secrets.properties'), 'dir=/from-file\nunicode=\\u0041ä\nspaced =  /x y \n');
    writeFileSync(join(one, 'dir'), '/from-directory');
  }
  const file = (path: string, key: string): string => variable(`p:${path}:${key}`);
  const secrets = join(allowed, 'secrets.properties');
  const cases = [
    withProvider('EnvVarConfigProvider', variable('p:HOME')),
    withProvider('EnvVarConfigProvider', `${variable('p:HOME')}/a,${variable('p:HOME')}/b`),
    withProvider('EnvVarConfigProvider', variable('p:SURELY_NOT_SET')),
    withProvider('EnvVarConfigProvider', variable('p:HOME'), { 'allowlist.pattern': 'HOM' }),
    withProvider('EnvVarConfigProvider', variable('p:HOME'), { 'allowlist.pattern': 'H.*|PATH' }),
    withProvider('EnvVarConfigProvider', variable('p:path:HOME')),
    withProvider('EnvVarConfigProvider', variable('q:HOME')),
    withProvider('FileConfigProvider', file(secrets, 'dir')),
    withProvider('FileConfigProvider', file(secrets, 'unicode')),
    withProvider('FileConfigProvider', file(secrets, 'spaced')),
    withProvider('FileConfigProvider', file(secrets, 'absent')),
    withProvider('FileConfigProvider', variable('p:dir')),
    withProvider('FileConfigProvider', file(join(folder, 'absent.properties'), 'dir')),
    withProvider('FileConfigProvider', file(secrets, 'dir'), { 'allowed.paths': allowed }),
    withProvider('FileConfigProvider', file(secrets, 'dir'), { 'allowed.paths': `${allowed}/inner/..` }),
    withProvider('FileConfigProvider', file(`${allowed}-not/secrets.properties`, 'dir'), { 'allowed.paths': allowed }),
    withProvider('FileConfigProvider', file(`${allowed}/../allowed-not/secrets.properties`, 'dir'), {
      'allowed.paths': allowed,
    }),
    withProvider('FileConfigProvider', file(secrets, 'dir'), { 'allowed.paths': `${allowed}/inner,${folder}` }),
    withProvider('FileConfigProvider', 'x', { 'allowed.paths': 'relative' }),
    withProvider('FileConfigProvider', 'x', { 'allowed.paths': join(folder, 'absent') }),
    withProvider('FileConfigProvider', file(allowed, 'dir')),
    withProvider('DirectoryConfigProvider', file(allowed, 'dir')),
    withProvider('DirectoryConfigProvider', file(allowed, 'inner')),
    withProvider('DirectoryConfigProvider', file(allowed, 'absent')),
    withProvider('DirectoryConfigProvider', file(allowed, '../allowed-not/dir')),
    withProvider('DirectoryConfigProvider', file(secrets, 'dir')),
    withProvider('DirectoryConfigProvider', file(`${allowed}-not`, 'dir'), { 'allowed.paths': allowed }),
    withProvider('no.such.Provider', variable('p:HOME')),
  ];
  const classes = await jvm.compile(oracle);
  const { stdout } = await jvm.runClass('ConfigOracle', [], { classes, input: JSON.stringify(cases) });
  const outcomes = JSON.parse(stdout) as ({ ok: { logDirs: unknown } } | { error: string })[];
  assert.equal(outcomes.length, cases.length);
  const theirs = outcomes.map((one) => ('ok' in one ? { logDirs: one.ok.logDirs } : { error: one.error }));
  assert.deepEqual(cases.map(ours), theirs);
});
