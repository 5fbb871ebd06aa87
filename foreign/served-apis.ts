/**
 * Which APIs a broker serves, asked in the plainest way: an ApiVersions request of version 0 over a socket.
 *
 * A test of something that is not served yet is skipped with that as the reason, and runs by itself once it is.
 */
import { connect } from 'node:net';
import type { TestContext } from 'node:test';
import { apis } from '@skarab/protocol';
import type { BrokerProcess } from './harness.ts';

const API_VERSIONS_KEY = 18;

/** Keys of the APIs that the broker advertises. */
export async function servedApiKeys(port: number): Promise<ReadonlySet<number>> {
  const body = await exchange(port, requestFrame());
  const count = body.readInt32BE(6);
  return new Set(Array.from({ length: count }, (_, i) => body.readInt16BE(10 + 6 * i)));
}

/** Whether the broker serves all of these APIs, named as their messages are: 'EndTxn'. */
export async function serves(broker: BrokerProcess, names: readonly string[]): Promise<boolean> {
  return (await unserved(broker, names)).length === 0;
}

/** True when the broker serves all of these APIs; otherwise the test has been skipped. */
export async function requireApis(t: TestContext, broker: BrokerProcess, names: readonly string[]): Promise<boolean> {
  const missing = await unserved(broker, names);
  if (missing.length > 0) t.skip(`not served yet: ${missing.join(', ')}`);
  return missing.length === 0;
}

async function unserved(broker: BrokerProcess, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) return [];
  const served = await servedApiKeys(broker.port);
  return names.filter((name) => {
    const api = apis.find((candidate) => candidate.name === name);
    if (api === undefined) throw new Error(`no API is named ${name}`);
    return !served.has(api.key);
  });
}

/** Size, key, version 0, correlation id, null client id. */
function requestFrame(): Buffer {
  const frame = Buffer.alloc(14);
  frame.writeInt32BE(10, 0);
  frame.writeInt16BE(API_VERSIONS_KEY, 4);
  frame.writeInt16BE(-1, 12);
  return frame;
}

/** Sends a frame and resolves with the response: correlation id, error code, array of key, least and greatest version. */
function exchange(port: number, frame: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(frame));
    let received = Buffer.alloc(0);
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer to ApiVersions')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the connection was ended without an answer')));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return;
      socket.destroy();
      resolve(received.subarray(4));
    });
  });
}
