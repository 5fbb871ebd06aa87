/**
 * Sends responses over one socket in the order given: gathered writes for bytes in memory, a streaming loop for bytes in files.
 *
 * Owns the outgoing side of a connection. Invariants: one response never interleaves with another; at most one piece of a file
 * is in memory per connection; every ByteSource is released exactly once, also when the peer goes away.
 */
import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import type { ByteSource, NetworkProbe, ResponseChunks } from '../ports.ts';
import { sendFileRegion } from './sendfile.ts';

const PIECE_BYTES = 128 * 1024;
/** What is written to a full socket to be told when it is not. */
const SHORT_PIECE_BYTES = 4 * 1024;
const NOTHING = Buffer.alloc(0);
/** Bytes queued in the socket above which no further request of the connection is started. */
const HIGH_WATER_BYTES = 512 * 1024;

export class ResponseWriter {
  readonly #socket: Socket;
  readonly #probe: NetworkProbe;
  readonly #onDrained: () => void;
  readonly #queue: (Uint8Array | ByteSource)[] = [];
  #streaming = false;
  #destroyed = false;

  constructor(socket: Socket, probe: NetworkProbe, onDrained: () => void) {
    this.#socket = socket;
    this.#probe = probe;
    this.#onDrained = onDrained;
    socket.on('drain', () => {
      if (!this.#streaming) this.#onDrained();
    });
  }

  /** True when the peer reads slower than we answer. */
  get isCongested(): boolean {
    return this.#streaming || this.#socket.writableLength > HIGH_WATER_BYTES;
  }

  /** True when everything given has been handed to the operating system. */
  get isIdle(): boolean {
    return !this.#streaming && this.#socket.writableLength === 0;
  }

  /** Queues one response. */
  write(chunks: ResponseChunks): void {
    if (this.#destroyed) {
      for (const chunk of chunks) if (!(chunk instanceof Uint8Array)) chunk.release();
      return;
    }
    if (this.#streaming || chunks.some((chunk) => !(chunk instanceof Uint8Array))) {
      this.#queue.push(...chunks);
      if (!this.#streaming) void this.#stream();
      return;
    }
    this.#writeGathered(chunks as readonly Uint8Array[]);
  }

  /** The socket is gone: releases what was not sent. */
  destroy(): void {
    this.#destroyed = true;
    for (const chunk of this.#queue) if (!(chunk instanceof Uint8Array)) chunk.release();
    this.#queue.length = 0;
  }

  #writeGathered(chunks: readonly Uint8Array[]): void {
    const socket = this.#socket;
    let bytes = 0;
    if (chunks.length > 1) socket.cork();
    for (const chunk of chunks) {
      if (chunk.byteLength === 0) continue;
      bytes += chunk.byteLength;
      socket.write(chunk);
    }
    if (chunks.length > 1) socket.uncork();
    this.#probe.onBytesOut(bytes);
  }

  async #stream(): Promise<void> {
    this.#streaming = true;
    try {
      for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) {
        if (chunk instanceof Uint8Array) this.#writeGathered([chunk]);
        else await this.#sendSource(chunk);
      }
    } catch (error) {
      this.#socket.destroy(error instanceof Error ? error : undefined);
    } finally {
      this.#streaming = false;
    }
    if (!this.#destroyed) this.#onDrained();
  }

  async #sendSource(source: ByteSource): Promise<void> {
    try {
      const total = source.byteLength;
      let offset = 0;
      while (offset < total && !this.#destroyed) {
        const sent = sendFileRegion(this.#socket, source, offset);
        if (typeof sent === 'number') {
          offset += sent;
          this.#probe.onBytesOut(sent);
          continue;
        }
        if (sent === 'queued') {
          await this.#flushed();
          continue;
        }
        const pieceBytes = sent === 'full' ? SHORT_PIECE_BYTES : PIECE_BYTES;
        const piece = Buffer.allocUnsafeSlow(Math.min(pieceBytes, total - offset));
        const read = await source.readInto(offset, piece);
        offset += read;
        this.#probe.onBytesOut(read);
        if (!this.#destroyed && !this.#socket.write(read === piece.length ? piece : piece.subarray(0, read))) {
          await this.#drained();
        }
      }
    } finally {
      source.release();
    }
  }

  /** Resolves when all that is queued has been handed to the operating system, or the socket is gone. */
  #flushed(): Promise<void> {
    return new Promise((resolve) => {
      this.#socket.write(NOTHING, () => resolve());
    });
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done);
        this.#socket.off('close', done);
        resolve();
      };
      this.#socket.on('drain', done);
      this.#socket.on('close', done);
    });
  }
}
