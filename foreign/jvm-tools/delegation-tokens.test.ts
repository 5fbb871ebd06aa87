/** Delegation tokens: what kafka-delegation-tokens hears over a plaintext connection, as with the JVM's broker. */
import { test } from 'node:test';
import { compareWithJvm, type Session } from './transcript.ts';

async function ask(s: Session): Promise<void> {
  const call = (args: string) => s.tool('delegation-tokens', `${args} --command-config /dev/null`);
  await call('--create --max-life-time-period -1');
  await call('--create --max-life-time-period 1000 --renewer-principal User:bob --owner-principal User:carol');
  await call('--describe');
  await call('--describe --owner-principal User:alice');
  await call('--renew --renew-time-period -1 --hmac c2VjcmV0');
  await call('--expire --expiry-time-period -1 --hmac c2VjcmV0');
  await call('--create --max-life-time-period -1 --renewer-principal bob');
}

for (const [title, properties] of [
  ['without', {}],
  ['with', { 'delegation.token.secret.key': 'not so secret' }],
] as const) {
  test(`tokens are refused over plaintext ${title} a secret key`, { timeout: 120_000 }, (t) =>
    compareWithJvm(t, ask, { properties }),
  );
}
