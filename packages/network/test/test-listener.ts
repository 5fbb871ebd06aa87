/** A listener on a free port of loopback, and a raw connection to it. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { silentLogger, systemClock } from '@skarab/base';
import { type FrameHandler, Listener, type ListenerOptions } from '@skarab/network';

/** A listener that is bound and not open yet; the caller stops it. */
export async function bindListener(handler: FrameHandler, options: Partial<ListenerOptions> = {}): Promise<Listener> {
  const listener = new Listener({
    name: 'PLAINTEXT',
    host: '127.0.0.1',
    port: 0,
    maxRequestBytes: 1 << 20,
    maxIdleMs: 60_000,
    maxConnections: () => 100,
    maxConnectionsPerIp: () => 100,
    backlog: 50,
    handler,
    clock: systemClock,
    logger: silentLogger,
    ...options,
  });
  await listener.bind();
  return listener;
}

/** A connection that errors do not throw out of. */
export async function openSocket(listener: Listener): Promise<Socket> {
  const socket = connect(listener.port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}
