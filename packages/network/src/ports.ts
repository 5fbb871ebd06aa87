/**
 * What the network needs from outside: somebody who answers frames, and bytes that are not in memory yet.
 */
import type { Buffer } from 'node:buffer';
import type { ServerConnection } from './host/server-connection.ts';

/** Bytes of a response that still are in a file: read piece by piece while they are sent, then released. */
export interface ByteSource {
  readonly byteLength: number;
  /** Reads bytes from `offset` (counted from the start of this source) into `target`; returns how many, at least one. */
  readInto(offset: number, target: Uint8Array): number | Promise<number>;
  /** The place in a file for zero-copy sending, where there is one. The descriptor stays open until `release`. */
  fileRegion?(): { readonly fd: number; readonly position: number } | undefined;
  /** Whether the bytes are certainly or probably in memory, so that sending them does not wait for a device. */
  readonly isRecent?: boolean;
  /** Called exactly once, when the bytes were sent or never will be. */
  release(): void;
}

/** One response: gathered pieces, sent in order without being joined. */
export type ResponseChunks = readonly (Uint8Array | ByteSource)[];

/** Answers the frames of connections. */
export interface FrameHandler {
  /** Whether this frame may start while earlier ones like it have not been answered yet. */
  overlaps(frame: Buffer): boolean;
  /**
   * Handles one frame; calls `respond` exactly once: with the response, or null when the request has none.
   * Must not throw; a connection that cannot go on is ended with `connection.close(reason)`.
   */
  handle(connection: ServerConnection, frame: Buffer, respond: (response: ResponseChunks | null) => void): void;
  /** The connection is gone; nothing more will be sent to it. */
  onClosed(connection: ServerConnection): void;
}

/** Counts what passes; every method must be cheap and must not fail. */
export interface NetworkProbe {
  onAccepted(): void;
  onRefused(): void;
  onClosed(): void;
  onBytesIn(bytes: number): void;
  onBytesOut(bytes: number): void;
}

/** A probe that counts nothing. */
export const silentProbe: NetworkProbe = {
  onAccepted: () => {},
  onRefused: () => {},
  onClosed: () => {},
  onBytesIn: () => {},
  onBytesOut: () => {},
};
