export { ApiVersionsTable, type ServedVersions } from './core/api-versions-table.ts';
export { ConnectionRate } from './core/connection-rate.ts';
export { type BackoffSettings, ExponentialBackoff } from './core/exponential-backoff.ts';
export { FrameAssembler, type FrameError, type FrameMemory } from './core/frame-assembler.ts';
export { FramePool } from './core/frame-pool.ts';
export { RequestBudget } from './core/request-budget.ts';
export { type QueuedRequest, RequestQueue } from './core/request-queue.ts';
export { type RateWindows, SampledRate } from './core/sampled-rate.ts';
export { type ClientApi, ClientConnection, type ClientConnectionOptions } from './host/client-connection.ts';
export { Listener, type ListenerOptions } from './host/listener.ts';
export { Mute } from './host/mute.ts';
export { type ConnectionSettings, ServerConnection } from './host/server-connection.ts';
export { tcpDialer } from './host/tcp-dialer.ts';
export {
  type Address,
  type ByteSource,
  type Conversation,
  type ConversationEvents,
  type Dialer,
  type FrameHandler,
  type NetworkProbe,
  type PeerConnection,
  type ResponseChunks,
  type ServerListener,
  silentProbe,
} from './ports.ts';
