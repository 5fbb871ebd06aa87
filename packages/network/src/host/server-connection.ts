/**
 * One accepted connection: bytes in, frames to the handler, responses out in order.
 *
 * Reads through one receive buffer shared by all connections of the process (a frame is copied out before the callback returns), so
 * an idle connection holds no buffer at all; the rest of a large frame is read to where it stays. Reading stops while the handler has its fill of requests or the peer does not take its answers.
 * Does not know any Kafka message beyond what the FrameHandler tells it.
 */
import { Buffer } from 'node:buffer';
import { Socket } from 'node:net';
import type { Clock, Logger } from '@skarab/base';
import { anonymousConnection, type ConnectionAuthentication } from '@skarab/security';
import { FrameAssembler, type FrameError } from '../core/frame-assembler.ts';
import type { FramePool } from '../core/frame-pool.ts';
import type { RequestBudget } from '../core/request-budget.ts';
import { type QueuedRequest, RequestQueue } from '../core/request-queue.ts';
import type { FrameHandler, NetworkProbe, PeerConnection, ResponseChunks } from '../ports.ts';
import { Mute } from './mute.ts';
import { ResponseWriter } from './response-writer.ts';

const RECEIVE_BUFFER_BYTES = 128 * 1024;
const MAX_RUNNING_REQUESTS = 32;
const MAX_WAITING_REQUESTS = 16;

const sharedReceiveBuffer = Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES);

/** What a connection needs from its listener. */
export interface ConnectionSettings {
  readonly listenerName: string;
  readonly maxRequestBytes: number;
  readonly handler: FrameHandler;
  readonly framePool: FramePool;
  /** Shared with the other connections. */
  readonly budget: RequestBudget;
  readonly probe: NetworkProbe;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The part of an accepted socket that Node keeps to itself: its handle and the server that counts it. */
interface AcceptedSocket {
  _handle: unknown;
  server: unknown;
  _server: unknown;
}

export class ServerConnection implements PeerConnection {
  readonly id: string;
  readonly listenerName: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localPort: number;
  authentication: ConnectionAuthentication = anonymousConnection;
  clientSoftware: PeerConnection['clientSoftware'] = { name: 'unknown', version: 'unknown' };
  /** Time of the last received or sent byte, monotonic. */
  lastActiveMs: number;

  readonly #socket: Socket;
  readonly #settings: ConnectionSettings;
  readonly #assembler: FrameAssembler;
  readonly #requests = new RequestQueue<Buffer, ResponseChunks>(MAX_RUNNING_REQUESTS);
  readonly #writer: ResponseWriter;
  readonly #mute: Mute;
  #waitingBytes = 0;
  #reading = true;
  #closing = false;
  #closed = false;
  #pumping = false;

  constructor(accepted: Socket, settings: ConnectionSettings, sequence: number) {
    this.#settings = settings;
    this.listenerName = settings.listenerName;
    this.remoteAddress = accepted.remoteAddress ?? '';
    this.remotePort = accepted.remotePort ?? 0;
    this.localPort = accepted.localPort ?? 0;
    this.id = `${accepted.localAddress}:${this.localPort}-${this.remoteAddress}:${this.remotePort}-${sequence}`;
    this.lastActiveMs = settings.clock.monotonicMs();
    this.#assembler = new FrameAssembler(settings.maxRequestBytes, settings.framePool, (frame) => this.#enqueue(frame));
    this.#socket = takeOver(
      accepted,
      () => this.#assembler.space ?? sharedReceiveBuffer,
      (length, chunk) => this.#onBytes(length, chunk),
    );
    this.#writer = new ResponseWriter(this.#socket, settings.probe, () => this.#pump());
    this.#mute = new Mute(settings.clock, () => this.#pump());
    this.#socket.on('error', (error) =>
      settings.logger.debug({ connection: this.id, error: error.message }, 'connection failed'),
    );
    this.#socket.on('end', () => this.#socket.destroy());
    this.#socket.on('close', () => this.#onClosed());
    this.#socket.read(0);
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** True when no request of this connection is under way and nothing is left to send. */
  get isIdle(): boolean {
    return this.#requests.running === 0 && this.#requests.waiting === 0 && this.#writer.isIdle;
  }

  close(reason?: string): void {
    if (this.#closed) return;
    if (reason !== undefined) this.#settings.logger.warn({ connection: this.id, reason }, 'closing connection');
    this.#closing = true;
    this.#socket.destroy();
  }

  mute(durationMs: number): void {
    if (!this.#closed) this.#mute.extend(durationMs);
  }

  /** Ends the connection after the responses under way have left. */
  closeWhenIdle(): void {
    this.#closing = true;
    this.#pause();
    if (this.isIdle) this.#socket.destroy();
  }

  #enqueue(frame: Buffer): void {
    this.#requests.enqueue(frame, this.#settings.handler.overlaps(frame));
    this.#waitingBytes += frame.length;
    this.#settings.budget.add(frame.length);
  }

  #onBytes(length: number, chunk: Buffer): boolean {
    if (this.#closing) return true;
    this.lastActiveMs = this.#settings.clock.monotonicMs();
    this.#settings.probe.onBytesIn(length);
    let failure: FrameError | undefined;
    if (chunk === sharedReceiveBuffer) failure = this.#assembler.push(chunk, length);
    else this.#assembler.fill(length);
    this.#pump();
    if (failure !== undefined) {
      this.close(`invalid frame of ${failure.length} bytes (socket.request.max.bytes is ${failure.maxBytes})`);
    }
    return this.#reading;
  }

  /** Starts what may start, sends what is ready; called after each arrival, response and drain. */
  #pump(): void {
    if (this.#pumping || this.#closed) return;
    this.#pumping = true;
    let progress = true;
    while (progress && !this.#closed) {
      progress = this.#sendFinished();
      if (this.#writer.isCongested || this.#mute.isOn) break;
      const next = this.#requests.startNext();
      if (next !== undefined) {
        progress = true;
        this.#start(next);
      }
    }
    this.#pumping = false;
    if (this.#closing && this.isIdle) this.#socket.destroy();
    else if (this.#hasItsFill) this.#pause();
    else this.#resume();
  }

  get #hasItsFill(): boolean {
    const { waiting } = this.#requests;
    if (waiting > MAX_WAITING_REQUESTS || this.#writer.isCongested || this.#mute.isOn) return true;
    return waiting > 0 && this.#settings.budget.isUsedUp;
  }

  #start(request: QueuedRequest<Buffer, ResponseChunks>): void {
    this.#waitingBytes -= request.frame.length;
    this.#settings.budget.remove(1, request.frame.length);
    this.#settings.handler.handle(this, request.frame, (response) => {
      this.#requests.complete(request, response);
      this.#pump();
    });
  }

  #sendFinished(): boolean {
    let sent = false;
    for (let done = this.#requests.takeFinished(); done !== undefined; done = this.#requests.takeFinished()) {
      if (done.response !== null && done.response !== undefined) {
        this.#writer.write(done.response);
        this.lastActiveMs = this.#settings.clock.monotonicMs();
      }
      sent = true;
    }
    return sent;
  }

  #pause(): void {
    if (!this.#reading || this.#closed) return;
    this.#reading = false;
    this.#socket.pause();
  }

  #resume(): void {
    if (this.#reading || this.#closed || this.#closing) return;
    this.#reading = true;
    this.#socket.resume();
  }

  #onClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#mute.cancel();
    this.#writer.destroy();
    this.#settings.budget.remove(this.#requests.waiting, this.#waitingBytes);
    this.#settings.probe.onClosed();
    this.#settings.handler.onClosed(this);
  }
}

/**
 * Wraps the handle of a just accepted socket in one that reads to where `bufferFor` says, before each read.
 *
 * Node offers `onread` only to sockets that are made by hand, so the accepted one gives its handle away before it has read anything.
 */
function takeOver(
  accepted: Socket,
  bufferFor: () => Buffer,
  onBytes: (length: number, chunk: Buffer) => boolean,
): Socket {
  const inner = accepted as unknown as AcceptedSocket;
  const handle = inner._handle;
  inner._handle = null;
  const options = {
    handle,
    allowHalfOpen: false,
    onread: {
      buffer: bufferFor,
      callback: (length: number, chunk: Uint8Array) => onBytes(length, chunk as Buffer),
    },
  };
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  const outer = socket as unknown as AcceptedSocket;
  outer.server = inner.server;
  outer._server = inner._server;
  return socket;
}
