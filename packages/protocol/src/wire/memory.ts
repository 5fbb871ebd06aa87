/**
 * The two ways of looking at a run of memory that the codec needs, made once per `ArrayBuffer` and not once per message.
 *
 * Frames that arrive together share the buffer they were received into, and making a `DataView` costs more than reading ten fields.
 * The last buffer's views are kept, unless it is so big that keeping it alive would matter.
 */
import { Buffer } from 'node:buffer';

/** All of an `ArrayBuffer`, as bytes and as numbers. */
export interface Memory {
  readonly bytes: Buffer;
  readonly view: DataView;
}

const MAX_KEPT_SIZE = 1024 * 1024;

let kept: Memory = viewsOf(new ArrayBuffer(0));

/** Views of the whole buffer. */
export function memoryOf(buffer: ArrayBufferLike): Memory {
  if (kept.view.buffer === buffer) return kept;
  const memory = viewsOf(buffer);
  if (buffer.byteLength <= MAX_KEPT_SIZE) kept = memory;
  return memory;
}

function viewsOf(buffer: ArrayBufferLike): Memory {
  return { bytes: Buffer.from(buffer), view: new DataView(buffer) };
}
