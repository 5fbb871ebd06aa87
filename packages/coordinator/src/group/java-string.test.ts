import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientHostOf, inHashOrder, javaHashCode, partitionForGroup } from './java-string.ts';

test('hashes and partitions are those of the JVM', () => {
  const known: [string, number, number][] = [
    ['', 0, 0],
    ['g', 103, 3],
    ['my-group', -1906497762, 12],
    ['Gruppe-ä-Ω', 708910478, 28],
    // The hash without a positive counterpart.
    ['polygenelubricants', -2147483648, 0],
    ['😀', 1772899, 49],
  ];
  for (const [text, hash, partition] of known)
    assert.deepEqual([text, javaHashCode(text), partitionForGroup(text, 50)], [text, hash, partition]);
});

test('keys come in the order of a HashMap of their number', () => {
  const protocols = 'range roundrobin sticky cooperative-sticky default connect sessioned compatible eager stream';
  assert.deepEqual(
    inHashOrder(protocols.split(' ')).join(' '),
    'default compatible eager stream sticky range roundrobin connect cooperative-sticky sessioned',
  );
  // More than twelve keys need a larger table.
  const many = Array.from({ length: 14 }, (_none, index) => `p${index * 7}`);
  assert.deepEqual(inHashOrder(many).join(' '), 'p0 p7 p70 p91 p63 p84 p21 p42 p56 p77 p14 p35 p49 p28');
});

test('addresses are shown as Java shows them', () => {
  const known: Record<string, string> = {
    '127.0.0.1': '/127.0.0.1',
    '::1': '/0:0:0:0:0:0:0:1',
    '::': '/0:0:0:0:0:0:0:0',
    'fe80::1:2': '/fe80:0:0:0:0:0:1:2',
    'fe80::1%eth0': '/fe80:0:0:0:0:0:0:1',
    '2001:db8::ff00:42:8329': '/2001:db8:0:0:0:ff00:42:8329',
    '1:2:3:4:5:6:7:8': '/1:2:3:4:5:6:7:8',
    '::ffff:10.1.2.3': '/10.1.2.3',
  };
  for (const [address, shown] of Object.entries(known)) assert.equal(clientHostOf(address), shown);
});
