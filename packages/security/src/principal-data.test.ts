import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodePrincipal, encodePrincipal } from './principal-data.ts';

test('a principal in the bytes of Kafka’s default builder', () => {
  const bytes = encodePrincipal({ type: 'User', name: 'alice' });
  assert.equal(Buffer.from(bytes).toString('hex'), '0000' + '0555736572' + '06616c696365' + '00' + '00');
  assert.deepEqual(decodePrincipal(bytes), { type: 'User', name: 'alice' });
});

test('who was authenticated by a token still is', () => {
  const principal = { type: 'User', name: 'alice', isTokenAuthenticated: true } as const;
  const bytes = encodePrincipal(principal);
  assert.equal(Buffer.from(bytes).toString('hex'), '0000' + '0555736572' + '06616c696365' + '01' + '00');
  assert.deepEqual(decodePrincipal(bytes), principal);
});

test('other bytes are refused', () => {
  assert.throws(() => decodePrincipal(Buffer.from('0001', 'hex')));
  assert.throws(() => decodePrincipal(Buffer.from('00000555', 'hex')));
  assert.throws(() => decodePrincipal(Buffer.concat([encodePrincipal({ type: 'User', name: 'a' }), Buffer.of(0)])));
});
