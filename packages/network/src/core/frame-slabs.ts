/**
 * Cuts small frames off slabs, and uses a slab anew once all that was cut off it has come back.
 *
 * Frames that never come back only keep their slab from being used anew: it is left to the collector with them.
 */
import { Buffer } from 'node:buffer';
import { assert } from '@skarab/base';

const SLAB_BYTES = 64 * 1024;
/** Frames begin where numbers of eight bytes may. */
const ALIGNMENT = 8;
const MAX_IDLE_SLABS = 16;

/** Largest frame that is cut off a slab. */
export const MAX_SMALL_FRAME: number = SLAB_BYTES / 8;

interface Slab {
  readonly memory: ArrayBuffer;
  /** Bytes cut off. */
  used: number;
  /** Frames that have not come back. */
  held: number;
}

function newSlab(): Slab {
  return { memory: new ArrayBuffer(SLAB_BYTES), used: 0, held: 0 };
}

export class FrameSlabs {
  readonly #slabs = new WeakMap<ArrayBufferLike, Slab>();
  readonly #idle: Slab[] = [];
  #current: Slab = this.#register(newSlab());

  /** A buffer of exactly `length` bytes, at most `MAX_SMALL_FRAME`, with arbitrary content. */
  acquire(length: number): Buffer {
    if (this.#current.used + length > SLAB_BYTES) this.#current = this.#idle.pop() ?? this.#register(newSlab());
    const slab = this.#current;
    const frame = Buffer.from(slab.memory, slab.used, length);
    slab.used += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
    slab.held++;
    return frame;
  }

  /** Gives a frame back; the caller promises that no view of it is left. False when it is not of a slab. */
  release(frame: Buffer): boolean {
    const slab = this.#slabs.get(frame.buffer);
    if (slab === undefined) return false;
    assert(slab.held > 0, 'a frame is given back once');
    slab.held--;
    if (slab.held > 0) return true;
    slab.used = 0;
    if (slab !== this.#current && this.#idle.length < MAX_IDLE_SLABS) this.#idle.push(slab);
    return true;
  }

  #register(slab: Slab): Slab {
    this.#slabs.set(slab.memory, slab);
    return slab;
  }
}
