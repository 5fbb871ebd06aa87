export { ConnectionRate } from './core/connection-rate.ts';
export { FrameAssembler, type FrameError, type FrameMemory } from './core/frame-assembler.ts';
export { FramePool } from './core/frame-pool.ts';
export { RequestBudget } from './core/request-budget.ts';
export { type QueuedRequest, RequestQueue } from './core/request-queue.ts';
export { Listener, type ListenerOptions } from './host/listener.ts';
export { type ConnectionSettings, ServerConnection } from './host/server-connection.ts';
export {
  type ByteSource,
  type FrameHandler,
  type NetworkProbe,
  type PeerConnection,
  type ResponseChunks,
  silentProbe,
} from './ports.ts';
