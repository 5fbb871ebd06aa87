export { type ApiName, type ErrorName, FaultScript } from './fault-script.ts';
export { type StartBrokerOptions, startBroker, TestBroker, type TestTopic } from './test-broker.ts';
export {
  type ClusterTestTopic,
  type PartitionState,
  type StartClusterOptions,
  startCluster,
  TestCluster,
} from './test-cluster.ts';
