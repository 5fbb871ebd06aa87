import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderHelp } from './help.ts';
import { parseOptions } from './options.ts';

const options = {
  'log-dir': { value: 'DIR', required: true, help: 'Where records live.' },
  'listen-addr': { value: 'HOST:PORT', default: '127.0.0.1:9092', help: 'Where clients connect.' },
  set: { value: 'KEY=VALUE', multiple: true, noEnv: true, help: 'A broker configuration.' },
  quiet: { short: 'q', help: 'Say less.' },
} as const;

test('the command line wins over the environment, and that over defaults', () => {
  const env = { SKARAB_LOG_DIR: '/env', SKARAB_LISTEN_ADDR: '', SKARAB_QUIET: '1', SKARAB_SET: 'no=1' };
  assert.deepEqual(parseOptions(options, ['--log-dir', '/args', '--set', 'a=1', '--set=b=2'], env), {
    values: { 'log-dir': '/args', 'listen-addr': '127.0.0.1:9092', set: ['a=1', 'b=2'], quiet: true },
    positionals: [],
  });
  assert.deepEqual(parseOptions(options, [], env).values, {
    'log-dir': '/env',
    'listen-addr': '127.0.0.1:9092',
    set: [],
    quiet: true,
  });
});

test('mistakes are told in one clear sentence', () => {
  const wrong = (args: string[], env = {}) => {
    try {
      parseOptions(options, args, env);
    } catch (error) {
      return (error as Error).message;
    }
    return 'no error';
  };
  assert.equal(wrong([]), 'option --log-dir is missing (or set SKARAB_LOG_DIR)');
  assert.equal(wrong(['--log-dri', 'x']), 'unknown option --log-dri; did you mean --log-dir?');
  assert.equal(wrong(['-x']), 'unknown option -x');
  assert.equal(wrong(['--log-dir']), 'option --log-dir needs a value');
  assert.equal(wrong(['--log-dir', '--quiet']), 'option --log-dir needs a value');
  assert.equal(wrong(['--quiet=yes', '--log-dir=x']), 'option --quiet takes no value');
  assert.equal(wrong(['--log-dir=x', 'stray']), "unexpected argument 'stray'");
  assert.equal(
    wrong(['--log-dir=x'], { SKARAB_QUIET: 'maybe' }),
    "SKARAB_QUIET is 'maybe'; allowed: true, false, 1, 0",
  );
});

test('help is made from the declaration', () => {
  const help = renderHelp({
    name: 'skarab x',
    summary: 'does x',
    usage: '[options]',
    description: ['A paragraph.'],
    options,
    examples: ['skarab x --quiet'],
  });
  assert.equal(
    help,
    [
      'skarab x — does x',
      '',
      'Usage: skarab x [options]',
      '',
      'A paragraph.',
      '',
      'Options:',
      '      --log-dir DIR            Where records live. [required; SKARAB_LOG_DIR]',
      '      --listen-addr HOST:PORT  Where clients connect. [default 127.0.0.1:9092; SKARAB_LISTEN_ADDR]',
      '      --set KEY=VALUE          A broker configuration. [may be repeated]',
      '  -q, --quiet                  Say less. [SKARAB_QUIET]',
      '',
      'Examples:',
      '  skarab x --quiet',
      '',
    ].join('\n'),
  );
});
