import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfigVariables } from './config-variables.ts';

const providers = {
  'config.providers': 'env,file',
  'config.providers.env.class': 'Env',
  'config.providers.file.class': 'File',
  'config.providers.file.param.root': '/etc',
};
const resolve = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    resolveConfigVariables(new Map(Object.entries(values)), (className, parameters) => {
      if (className === 'Nope') return undefined;
      return {
        get: (path, key) => (key === 'absent' ? undefined : `${className}<${parameters.get('root')},${path},${key}>`),
      };
    }),
  );

const variable = (text: string): string => `$\{${text}}`;
const unknown = [variable('env:absent'), variable('other:K'), variable('env')].join(' ');

test('variables are replaced by what their providers know', () => {
  const values = { a: `x${variable('env:K')}y${variable('file:p:K')}`, b: unknown, c: 'plain' };
  assert.deepEqual(resolve({ ...providers, ...values }), {
    ...providers,
    a: 'xEnv<undefined,,K>yFile</etc,p,K>',
    b: unknown,
    c: 'plain',
  });
});

test('without providers nothing is a variable', () => {
  assert.deepEqual(resolve({ a: variable('env:K') }), { a: variable('env:K') });
});

test('a provider whose class there is not is refused', () => {
  assert.throws(() => resolve({ 'config.providers': 'x', 'config.providers.x.class': 'Nope' }), {
    message:
      'Invalid value Nope for configuration config.providers.x.class: Could not load config provider class or one of its dependencies',
  });
});
