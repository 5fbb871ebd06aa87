/** What a node shows of itself over HTTP; loaded when it is asked for. */
export { watchProcess } from './event-loop-monitor.ts';
export { ObservabilityServer } from './observability-server.ts';
