import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ControllerApi } from '@skarab/metadata';
import { ErrorCode, newBrokerHeartbeatRequest, newBrokerHeartbeatResponse } from '@skarab/protocol';
import { BrokerConnections } from '../controller/broker-connections.ts';
import type { RequestContext } from '../dispatch/request-context.ts';
import { brokerHeartbeatHandler } from './63-broker-heartbeat.ts';

/** What is told of a broker's end after one heartbeat over a connection that then ends. */
async function lostAfter(errorCode: number, mayAct: boolean): Promise<number[][]> {
  const lost: number[][] = [];
  const connections = new BrokerConnections((...broker) => lost.push(broker));
  const controller = {
    processBrokerHeartbeat: () => Promise.resolve(newBrokerHeartbeatResponse({ errorCode })),
  } as unknown as ControllerApi;
  const connection = { id: '1', isClosed: false };
  const context = { connection, mayDoToCluster: () => mayAct, apiVersion: 2 } as unknown as RequestContext;
  const handler = brokerHeartbeatHandler(controller, connections);
  const request = newBrokerHeartbeatRequest({ brokerId: 7, brokerEpoch: 100n });
  const answer = handler.handle(context, request) as Promise<unknown>;
  await answer.catch(() => {});
  connections.onClosed(connection as never);
  return lost;
}

test('the end of the connection that a broker sends its heartbeats by is evidence', async () => {
  assert.deepEqual(await lostAfter(ErrorCode.NONE, true), [[7, 100]]);
});

test('nobody makes a broker doubtful by a heartbeat that is refused', async () => {
  assert.deepEqual(await lostAfter(ErrorCode.STALE_BROKER_EPOCH, true), []);
  assert.deepEqual(await lostAfter(ErrorCode.NONE, false), []);
});
