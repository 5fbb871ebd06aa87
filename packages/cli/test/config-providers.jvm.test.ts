/**
 * Variables in a server.properties come to the same values, and the same refusals, as with the JVM's providers.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { BrokerConfig, resolveConfigVariables } from '@skarab/config';
import { compareWithJvm, mapOf } from '../../config/test/compare.ts';
import { minimalBroker, type OracleCase } from '../../config/test/oracle.ts';
import { configProviders } from '../src/config/config-providers.ts';

type Start = Extract<OracleCase, { op: 'start' }>;

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
  return BrokerConfig.fromProperties(resolveConfigVariables(mapOf(broker), configProviders(process.env))).logDirs;
}

test('providers of configurations', async (t) => {
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
  await compareWithJvm(t, cases, ours, (outcome) =>
    'ok' in outcome ? { ok: (outcome.ok as { logDirs: unknown }).logDirs } : { error: outcome.error },
  );
});
