import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerConfig } from '@skarab/config';
import { nodeProperties } from './node-options.ts';

test('a node of a few options is a whole configuration', () => {
  const properties = nodeProperties({
    'log-dir': '/data',
    'listen-addr': '0.0.0.0:9000',
    set: ['num.partitions=3', 'x=a=b'],
  });
  assert.deepEqual(Object.fromEntries(properties), {
    'log.dirs': '/data',
    'process.roles': 'broker,controller',
    listeners: 'PLAINTEXT://0.0.0.0:9000,CONTROLLER://127.0.0.1:9001',
    'advertised.listeners': 'PLAINTEXT://localhost:9000',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.quorum.bootstrap.servers': '127.0.0.1:9001',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.replication.factor': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'node.id': '1',
    'num.partitions': '3',
    x: 'a=b',
  });
  const config = BrokerConfig.fromProperties(properties);
  assert.deepEqual([config.nodeId, config.logDirs, config.get('num.partitions')], [1, ['/data'], 3]);
});

test('port 0 takes free ports', () => {
  const properties = nodeProperties({ 'listen-addr': '127.0.0.1:0', set: [] });
  assert.equal(properties.get('listeners'), 'PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0');
  BrokerConfig.fromProperties(properties);
});

test('a file is the base, its listeners stay unless an address is given', () => {
  const file = new Map([
    ['process.roles', 'broker'],
    ['broker.id', '4'],
    ['log.dir', '/old'],
    ['listeners', 'PLAINTEXT://:1'],
  ]);
  assert.deepEqual(Object.fromEntries(nodeProperties({ 'log-dir': '/new', 'broker-id': '7', set: [] }, file)), {
    'process.roles': 'broker',
    listeners: 'PLAINTEXT://:1',
    'node.id': '7',
    'log.dirs': '/new',
  });
  const moved = nodeProperties({ 'listen-addr': '[::1]:9', 'controller-listener': 'CONTROLLER://h:8', set: [] }, file);
  assert.equal(moved.get('listeners'), 'PLAINTEXT://[::1]:9,CONTROLLER://h:8');
});

test('values that cannot be read are told with their option', () => {
  const message = (values: object): string => {
    try {
      nodeProperties({ set: [], ...values });
      return 'no error';
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(message({ 'broker-id': 'one' }), "option --broker-id is 'one'; it must be a number of 0 or more");
  assert.equal(message({ 'listen-addr': 'localhost' }), "option --listen-addr is 'localhost'; it must be HOST:PORT");
  assert.equal(message({ 'listen-addr': 'h:65536' }), "option --listen-addr is 'h:65536'; it must be HOST:PORT");
  assert.equal(message({ set: ['novalue'] }), "option --set is 'novalue'; it must be KEY=VALUE");
});
