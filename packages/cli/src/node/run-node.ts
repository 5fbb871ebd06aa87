/**
 * The life of a node in the foreground, the same for every command that runs one: start, say so, serve until told to end, stop.
 *
 * `[KafkaRaftServer nodeId=N] Kafka Server started` is the line that scripts wait for; it is logged when the node serves, never before.
 */
import { KafkaError, type Logger } from '@skarab/base';
import type { BrokerConfig } from '@skarab/config';
import type { RunningNode, StartNode, StartNodeOptions } from './running-node.ts';

export interface RunNodeOptions extends StartNodeOptions {
  readonly config: BrokerConfig;
  readonly logger: Logger;
  readonly startNode: StartNode;
  /** Resolves when the node shall stop. */
  readonly endRequested: Promise<string>;
  readonly onStarted?: (node: RunningNode) => void;
}

/** Runs a node to its end. Returns the exit code: 0 after a wanted end, 1 after a failure, which is logged. */
export async function runNode({
  config,
  logger,
  startNode,
  endRequested,
  onStarted,
  observability,
}: RunNodeOptions): Promise<number> {
  const log = logger.child({ component: 'kafka.server.KafkaRaftServer' });
  const ident = `[KafkaRaftServer nodeId=${config.nodeId}]`;
  for (const { name, reason } of config.inertConfigs) log.warn({ name }, `${ident} ${name} has no effect: ${reason}`);
  for (const name of config.unknownNames) log.warn({ name }, `${ident} ${name} is not a known configuration`);
  let node: RunningNode;
  try {
    node = await startNode(config, logger, observability === undefined ? {} : { observability });
  } catch (error) {
    // What is expected to fail says all in its sentence; only what is not needs its stack.
    const told = error instanceof KafkaError ? error.message : error;
    log.error({ error: told }, 'Exiting Kafka due to fatal exception during startup.');
    return 1;
  }
  log.info({}, `${ident} Kafka Server started`);
  onStarted?.(node);
  const reason = await Promise.race([
    endRequested,
    node.ended.then(
      () => undefined,
      (error: unknown) => error ?? 'unknown',
    ),
  ]);
  if (reason !== undefined && typeof reason !== 'string') {
    log.error({ error: reason }, 'Exiting Kafka due to a fatal fault.');
    await node.stop().catch(() => {});
    return 1;
  }
  if (reason !== undefined) log.info({}, `Terminating process due to signal ${reason}`);
  await node.stop();
  log.info({}, `${ident} Kafka Server stopped`);
  return 0;
}
