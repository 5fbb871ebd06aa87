/** Client quotas: what kafka-configs says about them, and what becomes of those who go beyond theirs, as with the JVM's broker. */
import { test } from 'node:test';
import { compareWithJvm } from './transcript.ts';

test('quotas of users, clients, both and addresses are altered and described', { timeout: 240_000 }, (t) =>
  compareWithJvm(t, async (s) => {
    const alter = (entity: string, change: string) => s.tool('configs', `--alter ${entity} ${change}`);
    const describe = (entity: string) => s.tool('configs', `--describe ${entity}`, { sorted: true });
    const [u, c, ip] = ['--entity-type users', '--entity-type clients', '--entity-type ips'];
    await describe(u);
    await alter(`${u} --entity-name alice`, '--add-config producer_byte_rate=1024,consumer_byte_rate=2048');
    await alter(`${u} --entity-name alice ${c} --entity-name app`, '--add-config request_percentage=12.5');
    await alter(`${u} --entity-name alice ${c} --entity-default`, '--add-config producer_byte_rate=77');
    await alter(`${u} --entity-default ${c} --entity-name app`, '--add-config producer_byte_rate=78');
    await alter(`${u} --entity-default ${c} --entity-default`, '--add-config consumer_byte_rate=79');
    await alter(`${u} --entity-default`, '--add-config controller_mutation_rate=2.5');
    await alter(`${c} --entity-name app`, '--add-config producer_byte_rate=80,consumer_byte_rate=81');
    await alter(`${c} --entity-default`, '--add-config request_percentage=200');
    await alter(`${ip} --entity-name 127.0.0.1`, '--add-config connection_creation_rate=100000');
    await alter(`${ip} --entity-name ::1`, '--add-config connection_creation_rate=100001');
    await alter(`${ip} --entity-default`, '--add-config connection_creation_rate=100002');

    for (const type of [u, c, ip, `${u} ${c}`]) await describe(type);
    for (const type of [u, c, ip]) await describe(`${type} --entity-default`);
    await describe(`${u} --entity-name alice`);
    await describe(`${u} --entity-name alice ${c}`);
    await describe(`${u} --entity-name alice ${c} --entity-name app`);
    await describe(`${u} --entity-default ${c} --entity-default`);
    await describe(`${u} --entity-name nobody`);
    await describe(`${ip} --entity-name 127.0.0.1`);
    await describe('--user alice --client app');
    await describe('--client-defaults');

    await alter(`${c} --entity-name app`, '--add-config producer_byte_rate=90 --delete-config consumer_byte_rate');
    await describe(`${c} --entity-name app`);
    await alter(`${c} --entity-name app`, '--delete-config producer_byte_rate');
    await alter(`${c} --entity-name app`, '--delete-config producer_byte_rate');
    await describe(c);

    await alter(`${c} --entity-name app`, '--add-config nonsense=1');
    await alter(`${c} --entity-name app`, '--add-config producer_byte_rate=0');
    await alter(`${c} --entity-name app`, '--add-config producer_byte_rate=-5');
    await alter(`${c} --entity-name app`, '--add-config producer_byte_rate=1.5');
    await alter(`${c} --entity-name app`, '--add-config producer_byte_rate=much');
    await alter(`${c} --entity-name app`, '--add-config connection_creation_rate=1');
    await alter(`${ip} --entity-name 127.0.0.1`, '--add-config producer_byte_rate=1');
    await alter(`${ip} --entity-name not-an-address.invalid`, '--add-config connection_creation_rate=1');
    await alter(`${ip} --entity-name 127.0.0.1 ${u} --entity-name alice`, '--add-config connection_creation_rate=1');
    await describe(ip);
    await describe(`${u} ${ip}`);
    await alter(`${ip} --entity-default`, '--delete-config connection_creation_rate');
    await alter(`${u} --entity-name alice`, '--delete-config producer_byte_rate,consumer_byte_rate');
    await describe(u);
    await describe(ip);
  }),
);
