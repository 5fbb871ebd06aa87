/**
 * Begins TCP connections. All of a process read through one buffer, as accepted ones do; whoever gets the bytes copies what it keeps.
 * The rest of a large frame is read to where it stays.
 */
import { Buffer } from 'node:buffer';
import { Socket } from 'node:net';
import type { Address, Conversation, ConversationEvents, Dialer } from '../ports.ts';

const RECEIVE_BUFFER_BYTES = 128 * 1024;

let sharedReceiveBuffer: Buffer | undefined;

/** Connections over TCP, without Nagle's delay. */
export const tcpDialer: Dialer = {
  dial(address: Address, events: ConversationEvents): Conversation {
    sharedReceiveBuffer ??= Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES);
    const shared = sharedReceiveBuffer;
    let failure = 'the other side ended the connection';
    const options = {
      allowHalfOpen: false,
      onread: {
        buffer: () => events.space?.() ?? shared,
        callback: (length: number, chunk: Uint8Array) => {
          if (chunk === shared) events.onBytes(shared, length);
          else events.onFilled?.(length);
          return true;
        },
      },
    };
    const socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
    socket.setNoDelay(true);
    socket.setKeepAlive(true);
    socket.on('connect', () => events.onOpen());
    socket.on('error', (error) => {
      failure = error.message;
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => events.onClosed(failure));
    socket.connect({ host: address.host, port: address.port });
    return {
      write(chunks) {
        socket.cork();
        for (const chunk of chunks) if (chunk.byteLength > 0) socket.write(chunk);
        socket.uncork();
      },
      close() {
        failure = 'closed by this side';
        socket.destroy();
      },
    };
  },
};
