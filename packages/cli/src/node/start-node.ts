/** The server of @skarab/broker behind this package's port. */
import { KafkaNode } from '@skarab/broker';
import { configProviders } from '../config/config-providers.ts';
import type { StartNode } from './running-node.ts';

/** Starts a node on this machine's disks. */
export const startNode: StartNode = (config, logger, { observability } = {}) =>
  KafkaNode.start({
    config,
    logger,
    configProviders: configProviders(process.env),
    ...(observability !== undefined && { observability }),
  });
