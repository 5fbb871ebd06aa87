/** Several brokers in one process, for tests of this package and for `@skarab/testing`. */

/** Rules that tests break on purpose, to see that it is noticed. */
export { LocalMarkers } from '../coordinator/local-markers.ts';
export { Leadership } from '../replica/leadership.ts';
export { Partition } from '../replica/partition.ts';
export { SharePersister } from '../share/share-persister.ts';
export { BreakableNetwork } from './breakable-network.ts';
export { BrokerCluster, type BrokerClusterOptions, type ClusterTopic } from './broker-cluster.ts';
export { ClusterBroker, type ClusterBrokerOptions } from './cluster-broker.ts';
export { MemoryConnection, type MemoryConnectionOptions } from './memory-connection.ts';
export { type BoundPort, MemoryListener } from './memory-listener.ts';
export { MemoryNetwork } from './memory-network.ts';
export { ProcessClock } from './process-clock.ts';
