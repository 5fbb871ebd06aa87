import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseScramArgument } from './scram-argument.ts';

test('reads what the storage tool reads', () => {
  assert.deepEqual(parseScramArgument('SCRAM-SHA-256=[name=alice,password=secret]'), {
    mechanism: 1,
    name: 'alice',
    salt: null,
    iterations: 4096,
    secret: { password: 'secret' },
  });
  assert.deepEqual(
    parseScramArgument(' SCRAM-SHA-512=[name="bob",iterations=8192,salt="N3E=",saltedpassword="YCE="]'),
    {
      mechanism: 2,
      name: 'bob',
      salt: new Uint8Array([0x37, 0x71]),
      iterations: 8192,
      secret: { saltedPassword: new Uint8Array([0x60, 0x21]) },
    },
  );
});

test('refuses what it refuses, in its words', () => {
  const cases: Record<string, RegExp> = {
    'SCRAM-SHA-256': /Failed to find equals sign in SCRAM argument 'SCRAM-SHA-256'/,
    'SCRAM-SHA-1=[]': /The add-scram mechanism SCRAM-SHA-1 is not supported\./,
    'SCRAM-SHA-256=name=x]': /Expected configuration string to start with \[/,
    'SCRAM-SHA-256=[name=x': /Expected configuration string to end with \]/,
    'SCRAM-SHA-256=[password=x]': /You must supply 'name' to add-scram/,
    'SCRAM-SHA-256=[name=x]': /You must supply one of 'password' or 'saltedpassword' to add-scram/,
    'SCRAM-SHA-256=[name=x,saltedpassword=YCE=]': /You must supply 'salt' with 'saltedpassword' to add-scram/,
    'SCRAM-SHA-256=[name=x,password=y,salt=%]': /Failed to decode given salt: %/,
    'SCRAM-SHA-256=[name=x,password=y,iterations=z]': /Failed to parse iterations count: z/,
    'SCRAM-SHA-256=[name=x,password=y,iterations=1]':
      /The 'iterations' value must be >= 4096 for add-scram using SCRAM_SHA_256/,
    'SCRAM-SHA-256=[name=x,password=y,other=1]': /Unknown SCRAM configurations: other/,
    'SCRAM-SHA-256=[name]': /No equals sign found in SCRAM component: name/,
  };
  for (const [argument, message] of Object.entries(cases)) assert.throws(() => parseScramArgument(argument), message);
});
