export type { InterceptedRequest, RequestInterceptor } from './dispatch/dispatcher.ts';
export { KafkaNode, type KafkaNodeOptions } from './node/kafka-node.ts';
