import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeerConnection } from '@skarab/network';
import { BrokerConnections } from './broker-connections.ts';

const connection = (id: string): PeerConnection => ({ id, isClosed: false }) as PeerConnection;

test('the end of a broker’s newest connection is told, once', () => {
  const lost: number[][] = [];
  const connections = new BrokerConnections((...broker) => lost.push(broker));
  const [first, second, stranger] = [connection('1'), connection('2'), connection('3')];
  connections.onHeartbeat(first, 7, 100);
  connections.onHeartbeat(second, 7, 100);
  connections.onClosed(stranger);
  connections.onClosed(first);
  assert.deepEqual(lost, []);
  connections.onClosed(second);
  connections.onClosed(second);
  assert.deepEqual(lost, [[7, 100]]);
});

test('a connection that ended while its heartbeat was decided is told, and not kept', () => {
  const lost: number[][] = [];
  const connections = new BrokerConnections((...broker) => lost.push(broker));
  const ended = { ...connection('1'), isClosed: true } as PeerConnection;
  connections.onHeartbeat(ended, 7, 100);
  connections.onClosed(ended);
  assert.deepEqual(lost, [[7, 100]]);
});
