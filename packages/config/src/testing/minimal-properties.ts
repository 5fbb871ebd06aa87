/** The properties of a combined node with as little as Kafka takes, for tests. */
export function minimalProperties(more: Readonly<Record<string, string>> = {}): Map<string, string> {
  return new Map(
    Object.entries({
      'process.roles': 'broker,controller',
      'node.id': '1',
      'controller.listener.names': 'CONTROLLER',
      'controller.quorum.bootstrap.servers': 'localhost:9093',
      listeners: 'PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093',
      'log.dirs': '/data',
      ...more,
    }),
  );
}
