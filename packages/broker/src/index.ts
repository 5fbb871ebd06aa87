export type { InterceptedRequest, RequestInterceptor } from './dispatch/dispatcher.ts';
export { metricsCatalogue } from './metrics/metrics-catalogue.ts';
export { KafkaNode, type KafkaNodeOptions } from './node/kafka-node.ts';
