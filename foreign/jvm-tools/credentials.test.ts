/** SCRAM credentials of users: what kafka-configs says about them, as with the JVM's broker. */
import { test } from 'node:test';
import { type CallOptions, compareWithJvm } from './transcript.ts';

/** The order of mechanisms is that of a hash map of the JVM's, another one in each process. */
const described: CallOptions = {
  sorted: true,
  mask: [[/(SCRAM-SHA-512=iterations=\d+), (SCRAM-SHA-256=iterations=\d+)/g, '$2, $1']],
};

test('SCRAM credentials of users are set, described and deleted', { timeout: 240_000 }, (t) =>
  compareWithJvm(t, async (s) => {
    const user = (name: string) => `--entity-type users --entity-name ${name}`;
    const alter = (name: string, change: string) => s.tool('configs', `--alter ${user(name)} ${change}`);
    const add = (name: string, ...credentials: string[]) => alter(name, `--add-config ${credentials.join(',')}`);
    const describe = (entity: string) => s.tool('configs', `--describe ${entity}`, described);
    await describe('--entity-type users');
    await add('x', 'SCRAM-SHA-256=[iterations=8192,password=secret]');
    await add('y', 'SCRAM-SHA-256=[password=secret]', 'SCRAM-SHA-512=[iterations=16384,password=secret]');
    await add('y', 'SCRAM-SHA-256=[password=secret]');
    await add('y', 'SCRAM-SHA-512=[iterations=16384,password=secret]');
    await add('y', 'SCRAM-SHA-256=[iterations=4096,password=secret]', 'producer_byte_rate=1000');
    await add('y', 'producer_byte_rate=1000');
    await describe(user('x'));
    await describe(user('y'));
    await describe('--entity-type users');
    await describe('--user x');
    await add('x', 'SCRAM-SHA-256=[iterations=4096,password=other]');
    await describe(user('x'));

    await add('x', 'SCRAM-SHA-256=[iterations=4095,password=secret]');
    await add('x', 'SCRAM-SHA-512=[iterations=16385,password=secret]');
    await add('x', 'SCRAM-SHA-256=[iterations=4096]');
    await add('x', 'SCRAM-SHA-256=[iterations=many,password=secret]');
    await add('x', 'SCRAM-SHA-1=[iterations=4096,password=secret]');
    await s.tool(
      'configs',
      '--alter --entity-type users --entity-default --add-config SCRAM-SHA-256=[password=secret]',
    );
    await s.tool(
      'configs',
      '--alter --entity-type clients --entity-name c --add-config SCRAM-SHA-256=[password=secret]',
    );
    await alter('x', '--delete-config SCRAM-SHA-512');
    await alter('nobody', '--delete-config SCRAM-SHA-256');
    await alter('y', '--delete-config SCRAM-SHA-256 --add-config SCRAM-SHA-512=[password=secret]');
    await describe(user('y'));

    await alter('x', '--delete-config SCRAM-SHA-256');
    await alter('y', '--delete-config SCRAM-SHA-256,SCRAM-SHA-512');
    await alter('y', '--delete-config SCRAM-SHA-512');
    await alter('y', '--delete-config SCRAM-SHA-256');
    await describe('--entity-type users');
    await describe(user('x'));
  }),
);
