/**
 * The server's end of a connection in memory: frames in, responses out in order, as `ServerConnection` does over a socket.
 */
import { Buffer } from 'node:buffer';
import { assert, type Clock } from '@skarab/base';
import {
  type ByteSource,
  FrameAssembler,
  type FrameHandler,
  Mute,
  type PeerConnection,
  RequestQueue,
  type ResponseChunks,
} from '@skarab/network';
import { anonymousConnection, type ConnectionAuthentication } from '@skarab/security';

/** What a connection is made of. */
export interface MemoryConnectionOptions {
  readonly id: string;
  readonly listenerName: string;
  readonly maxRequestBytes: number;
  readonly handler: FrameHandler;
  readonly clock: Clock;
  readonly send: (bytes: Buffer) => void;
}

const MAX_RUNNING_REQUESTS = 32;

export class MemoryConnection implements PeerConnection {
  readonly remoteAddress = '127.0.0.1';
  authentication: ConnectionAuthentication = anonymousConnection;
  clientSoftware = { name: 'unknown', version: 'unknown' };
  readonly #options: MemoryConnectionOptions;
  readonly #assembler: FrameAssembler;
  readonly #requests = new RequestQueue<Buffer, ResponseChunks>(MAX_RUNNING_REQUESTS);
  readonly #mute: Mute;
  #isClosed = false;

  constructor(options: MemoryConnectionOptions) {
    this.#options = options;
    this.#mute = new Mute(options.clock, () => this.#pump());
    this.#assembler = new FrameAssembler(
      options.maxRequestBytes,
      { acquire: (length) => Buffer.alloc(length), release: () => {} },
      (frame) => this.#requests.enqueue(frame, options.handler.overlaps(frame)),
    );
  }

  get id(): string {
    return this.#options.id;
  }

  get listenerName(): string {
    return this.#options.listenerName;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  onBytes(bytes: Buffer): void {
    if (this.#isClosed) return;
    if (this.#assembler.push(bytes, bytes.length) !== undefined) this.close();
    this.#pump();
  }

  mute(durationMs: number): void {
    if (!this.#isClosed) this.#mute.extend(durationMs);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#mute.cancel();
    this.#options.handler.onClosed(this);
  }

  #pump(): void {
    while (!this.#mute.isOn) {
      const request = this.#requests.startNext();
      if (request === undefined) return;
      this.#options.handler.handle(this, request.frame, (response) => {
        this.#requests.complete(request, response);
        this.#sendFinished();
        this.#pump();
      });
    }
  }

  #sendFinished(): void {
    for (let done = this.#requests.takeFinished(); done !== undefined; done = this.#requests.takeFinished()) {
      const bytes = (done.response ?? []).map(bytesOf);
      if (!this.#isClosed && bytes.length > 0) this.#options.send(Buffer.concat(bytes));
    }
  }
}

/** What a piece of a response holds; what is in files is read. */
function bytesOf(chunk: Uint8Array | ByteSource): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  const bytes = new Uint8Array(chunk.byteLength);
  for (let read = 0; read < bytes.length; ) {
    const count = chunk.readInto(read, bytes.subarray(read));
    assert(typeof count === 'number', 'files in memory are read at once');
    read += count;
  }
  chunk.release();
  return bytes;
}
