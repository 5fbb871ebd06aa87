/**
 * What the network needs from outside: somebody who answers frames, and bytes that are not in memory yet.
 */
import type { Buffer } from 'node:buffer';
import type { ConnectionAuthentication } from '@skarab/security';

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

/** A connection, as those see it who answer its frames. */
export interface PeerConnection {
  readonly id: string;
  readonly listenerName: string;
  readonly remoteAddress: string;
  /** Who the peer is; changed by the SASL handlers only. */
  authentication: ConnectionAuthentication;
  /** What the client said of itself in ApiVersions (KIP-511). */
  clientSoftware: { readonly name: string; readonly version: string };
  readonly isClosed: boolean;
  /** Starts none of its requests for so long, and reads no more of them; those under way are answered. */
  mute(durationMs: number): void;
  /** Ends the connection at once; `reason` goes to the log when there is one. */
  close(reason?: string): void;
}

/** Answers the frames of connections. */
export interface FrameHandler {
  /** Whether this frame may start while earlier ones like it have not been answered yet. */
  overlaps(frame: Buffer): boolean;
  /**
   * Handles one frame; calls `respond` exactly once: with the response, or null when the request has none.
   * Must not throw; a connection that cannot go on is ended with `connection.close(reason)`.
   */
  handle(connection: PeerConnection, frame: Buffer, respond: (response: ResponseChunks | null) => void): void;
  /** The connection is gone; nothing more will be sent to it. */
  onClosed(connection: PeerConnection): void;
}

/** A port that serves connections. */
export interface ServerListener {
  readonly name: string;
  /** The port bound; 0 before. */
  readonly port: number;
  /** Binds the port. Errors: TransportError LISTEN. */
  bind(): Promise<void>;
  /** Begins to serve. */
  open(): void;
  /** Ends every connection, after the requests under way are answered or `graceMs` have passed. */
  stop(graceMs: number): Promise<void>;
  /** Ends every connection at once. */
  closeAll(): void;
  /** Ends the connections that match. */
  closeWhere(matches: (connection: PeerConnection) => boolean): void;
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

/** Where a connection goes. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What happens to a conversation that this side began. `onClosed` is the last, and comes exactly once. */
export interface ConversationEvents {
  /** The other side has accepted. */
  onOpen(): void;
  /** `chunk[0, length)` arrived; valid during the call only. */
  onBytes(chunk: Buffer, length: number): void;
  /** Where the next bytes should be received, for `onFilled`; undefined, or no such method, when they should come by `onBytes`. */
  space?(): Buffer | undefined;
  /** The next `length` bytes are in the `space` that was handed out last. */
  onFilled?(length: number): void;
  /** It is over, or never came about. */
  onClosed(reason: string): void;
}

/** A stream of bytes in both directions. */
export interface Conversation {
  /** Sends pieces in order without joining them. */
  write(chunks: readonly Uint8Array[]): void;
  /** Ends it at once; `onClosed` follows, perhaps within the call. */
  close(): void;
}

/** Begins conversations: over TCP, or in memory for tests. */
export interface Dialer {
  dial(address: Address, events: ConversationEvents): Conversation;
}
