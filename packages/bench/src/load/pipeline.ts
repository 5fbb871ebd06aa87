/**
 * One connection that always has up to `window` ready-made requests under way, until it is told to stop.
 *
 * Answers come in the order of the requests, so the slots are a ring: the oldest one is answered next, and sent again at once.
 * Each answer's correlation id, error codes and size are checked; the first bad one ends the load.
 */
import { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import { errorName } from '@skarab/protocol';
import { now } from '../process/time.ts';
import type { Samples } from '../stats/samples.ts';
import type { Address } from '../wire/address.ts';
import { FrameScanner } from './frame-scanner.ts';
import type { ExpectedResponse } from './ready-made.ts';

const RECEIVE_BUFFER_BYTES = 256 * 1024;
const CORRELATION_ID_BYTES = 4;

/** A request under way or ready to be sent. */
export interface Slot {
  readonly pieces: readonly Uint8Array[];
  readonly correlationId: number;
  readonly expected: ExpectedResponse;
  /** Called before each time the request is sent. */
  readonly prepare?: () => void;
}

/** What the connections of a load share. */
export interface LoadControl {
  /** Whether another request may be sent; counts it. */
  mayStart(): boolean;
  readonly latencies: Samples;
}

export class Pipeline {
  answered = 0;
  receivedBytes = 0;
  readonly #socket: Socket;
  readonly #slots: readonly Slot[];
  readonly #control: LoadControl;
  readonly #sentAt: Float64Array;
  readonly #scanner: FrameScanner;
  readonly #done = Promise.withResolvers<void>();
  #oldest = 0;
  #underWay = 0;

  private constructor(address: Address, slots: readonly Slot[], control: LoadControl) {
    this.#slots = slots;
    this.#control = control;
    this.#sentAt = new Float64Array(slots.length);
    const headBytes = Math.max(
      CORRELATION_ID_BYTES,
      ...slots.flatMap(({ expected }) => expected.errorCodePositions.map((position) => position + 2)),
    );
    this.#scanner = new FrameScanner(headBytes, (head, length) => this.#onResponse(head, length));
    this.#socket = connect({
      ...address,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(RECEIVE_BUFFER_BYTES),
        callback: (length, chunk) => this.#onBytes(length, chunk),
      },
    });
    this.#socket.on('error', (error) => this.#done.reject(error));
    this.#socket.on('close', () => this.#done.reject(new Error('the broker closed the connection')));
  }

  /** Connects; nothing is sent yet. */
  static async connect(address: Address, slots: readonly Slot[], control: LoadControl): Promise<Pipeline> {
    const pipeline = new Pipeline(address, slots, control);
    pipeline.#done.promise.catch(() => {});
    await new Promise<void>((resolve, reject) => {
      pipeline.#socket.once('connect', resolve);
      pipeline.#socket.once('error', reject);
    });
    return pipeline;
  }

  /** Sends until `mayStart` says no and everything is answered. Errors: rejects at the first bad answer. */
  run(): Promise<void> {
    this.#socket.cork();
    for (let i = 0; i < this.#slots.length && this.#control.mayStart(); i++) this.#send(i);
    this.#socket.uncork();
    if (this.#underWay === 0) this.#done.resolve();
    return this.#done.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Ends the load as a bad answer does. */
  fail(reason: string): void {
    this.#done.reject(new Error(reason));
    this.#socket.destroy();
  }

  #onBytes(length: number, chunk: Uint8Array): boolean {
    this.receivedBytes += length;
    this.#socket.cork();
    this.#scanner.push(chunk, length);
    this.#socket.uncork();
    return true;
  }

  #onResponse(head: Buffer, length: number): void {
    const index = this.#oldest;
    const slot = this.#slots[index]!;
    const fault = this.#underWay === 0 ? 'an answer without a request' : faultOf(slot, head, length);
    if (fault !== undefined) {
      this.fail(fault);
      return;
    }
    this.#control.latencies.add(now() - this.#sentAt[index]!);
    this.answered++;
    this.#underWay--;
    this.#oldest = index + 1 === this.#slots.length ? 0 : index + 1;
    if (this.#control.mayStart()) this.#send(index);
    else if (this.#underWay === 0) this.#done.resolve();
  }

  #send(index: number): void {
    const slot = this.#slots[index]!;
    slot.prepare?.();
    for (const piece of slot.pieces) this.#socket.write(piece);
    this.#sentAt[index] = now();
    this.#underWay++;
  }
}

/** What is wrong with an answer. */
function faultOf({ correlationId, expected }: Slot, head: Buffer, length: number): string | undefined {
  if (head.readInt32BE(0) !== correlationId) return `answer ${head.readInt32BE(0)} to request ${correlationId}`;
  for (const position of expected.errorCodePositions) {
    const errorCode = head.readInt16BE(position);
    if (errorCode !== 0) return `the broker answered ${errorName(errorCode)}`;
  }
  return length < expected.minBytes ? `answer of ${length} bytes, expected ${expected.minBytes} at least` : undefined;
}
