/**
 * The figures of the controller, by the names that Kafka's have behind the Prometheus JMX exporter: those of
 * `kafka.controller:type=KafkaController` and `ControllerEventManager`. Source: ControllerMetadataMetrics, QuorumControllerMetrics.
 */
import type { MetadataImage } from '@skarab/metadata';
import type { MetricsRegistry } from '@skarab/telemetry';

/** What the figures are read from. */
export interface ControllerMetricsParts {
  readonly nodeId: number;
  readonly image: () => MetadataImage;
  /** -1 when nobody leads. */
  readonly leaderId: () => number;
}

const EVENT_BOUNDS_MS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500];
const NO_LEADER = -1;

interface PartitionCounts {
  readonly all: number;
  readonly offline: number;
  readonly imbalanced: number;
}

/** Adds the figures; returns what takes in how long an operation of the controller took. */
export function addControllerMetrics(
  metrics: MetricsRegistry,
  { nodeId, image, leaderId }: ControllerMetricsParts,
): (elapsedMs: number) => void {
  const gauge = (name: string, help: string, read: () => number): void =>
    metrics.gauge(`kafka_controller_kafkacontroller_${name}`, help, read);
  const brokers = (isFenced: boolean): number =>
    [...image().cluster.brokers.values()].filter(({ fenced }) => fenced === isFenced).length;
  const partitions = countedOnce(image);
  gauge('activecontrollercount', '1 on the node that controls the cluster (ActiveControllerCount).', () =>
    leaderId() === nodeId ? 1 : 0,
  );
  gauge('activebrokercount', 'Brokers that are not fenced (ActiveBrokerCount).', () => brokers(false));
  gauge('fencedbrokercount', 'Brokers that are fenced (FencedBrokerCount).', () => brokers(true));
  gauge('globaltopiccount', 'Topics of the cluster (GlobalTopicCount).', () => image().topics.byName.size);
  gauge('globalpartitioncount', 'Partitions of the cluster (GlobalPartitionCount).', () => partitions().all);
  gauge('offlinepartitionscount', 'Partitions without a leader (OfflinePartitionsCount).', () => partitions().offline);
  gauge(
    'preferredreplicaimbalancecount',
    'Partitions that another than their preferred replica leads (PreferredReplicaImbalanceCount).',
    () => partitions().imbalanced,
  );
  gauge(
    'lastappliedrecordoffset',
    'Offset of the last record of metadata that was applied (LastAppliedRecordOffset).',
    () => image().provenance.lastContainedOffset,
  );
  const events = metrics.histogram(
    'kafka_controller_controllereventmanager_eventqueueprocessingtimems',
    'Time that operations of the controller hold the event loop, in milliseconds (EventQueueProcessingTimeMs).',
    {},
    EVENT_BOUNDS_MS,
  );
  return (elapsedMs) => events.observe(elapsedMs);
}

/** Counts the partitions of an image once for all who ask. */
function countedOnce(image: () => MetadataImage): () => PartitionCounts {
  let counted: MetadataImage | undefined;
  let counts: PartitionCounts = { all: 0, offline: 0, imbalanced: 0 };
  return () => {
    const current = image();
    if (current !== counted) counts = countPartitions(current);
    counted = current;
    return counts;
  };
}

function countPartitions(image: MetadataImage): PartitionCounts {
  let [all, offline, imbalanced] = [0, 0, 0];
  for (const topic of image.topics.byName.values()) {
    for (const { leader, replicas } of topic.partitions) {
      all++;
      if (leader === NO_LEADER) offline++;
      if (leader !== replicas[0]) imbalanced++;
    }
  }
  return { all, offline, imbalanced };
}
