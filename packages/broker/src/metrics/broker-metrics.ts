/**
 * The figures of a broker's replicas, requests that wait, and compaction, by the names that Kafka's metrics have behind the Prometheus JMX
 * exporter: `kafka.server:type=BrokerTopicMetrics,name=BytesInPerSec` is `kafka_server_brokertopicmetrics_bytesin_total`.
 *
 * Read when somebody looks. A topic that is gone has no series any more; the series without a topic keep counting.
 */
import type { Clock } from '@skarab/base';
import type { LogCleaner } from '@skarab/log';
import type { GaugeRead, Labels, MetricsRegistry } from '@skarab/telemetry';
import type { BrokerReplication } from '../node/broker-replication.ts';
import type { Partition } from '../replica/partition.ts';
import type { Purgatory } from '../replica/purgatory.ts';
import type { ReplicaSet } from '../replica/replica-set.ts';
import { Traffic } from '../replica/traffic.ts';

/** What the figures are read from. */
export interface BrokerMetricsParts {
  readonly replicas: ReplicaSet;
  readonly replication: Pick<BrokerReplication, 'isrUpdates' | 'maxLag'>;
  readonly purgatory: Purgatory;
  readonly cleaner: LogCleaner | null;
  readonly clock: Clock;
}

/** Adds the figures of a broker. */
export function addBrokerMetrics(metrics: MetricsRegistry, parts: BrokerMetricsParts): void {
  addTraffic(metrics, parts.replicas);
  addReplicas(metrics, parts.replicas);
  addReplication(metrics, parts.replication);
  metrics.gauge(
    'kafka_server_delayedoperationpurgatory_purgatorysize',
    'Produce and fetch requests that wait (PurgatorySize).',
    () => parts.purgatory.size,
  );
  addCleaner(metrics, parts);
}

function addTraffic(metrics: MetricsRegistry, replicas: ReplicaSet): void {
  const counted = (name: string, help: string, count: (traffic: Traffic) => number): void => {
    metrics.collected(`kafka_server_brokertopicmetrics_${name}_total`, help, 'counter', ['topic'], () => {
      const all = new Traffic();
      all.add(replicas.departed);
      const series: [Labels, number][] = [];
      for (const topic of replicas.topics()) {
        const traffic = new Traffic();
        for (const partition of replicas.ofTopic(topic)) traffic.add(partition.traffic);
        all.add(traffic);
        series.push([{ topic }, count(traffic)]);
      }
      return [[{}, count(all)], ...series];
    });
  };
  counted('messagesin', 'Records appended, of all topics and of each (MessagesInPerSec).', (one) => one.messagesIn);
  counted('bytesin', 'Bytes appended, of all topics and of each (BytesInPerSec).', (one) => one.bytesIn);
  counted('bytesout', 'Bytes fetched, of all topics and of each (BytesOutPerSec).', (one) => one.bytesOut);
}

function addReplicas(metrics: MetricsRegistry, replicas: ReplicaSet): void {
  const counted = (name: string, help: string, isCounted: (partition: Partition) => boolean): void =>
    metrics.gauge(`kafka_server_replicamanager_${name}`, help, () => [...replicas.all()].filter(isCounted).length);
  counted('partitioncount', 'Partitions kept here (PartitionCount).', () => true);
  counted('leadercount', 'Partitions led here (LeaderCount).', (partition) => partition.isLeader);
  counted('offlinereplicacount', 'Replicas in failed log directories (OfflineReplicaCount).', (one) => one.isOffline);
  counted(
    'underreplicatedpartitions',
    'Partitions led here whose replicas are not all in sync (UnderReplicatedPartitions).',
    ({ isLeader, registration }) => isLeader && registration.isr.length < registration.replicas.length,
  );
  counted(
    'underminisrpartitioncount',
    'Partitions led here with fewer replicas in sync than min.insync.replicas (UnderMinIsrPartitionCount).',
    ({ isLeader, registration, minInsyncReplicas }) =>
      isLeader && registration.isr.length < Math.min(minInsyncReplicas, registration.replicas.length),
  );
}

function addReplication(metrics: MetricsRegistry, replication: BrokerMetricsParts['replication']): void {
  const updates = [
    ['isrexpands', 'In-sync sets of partitions led here that a replica joined (IsrExpandsPerSec).', 'expanded'],
    ['isrshrinks', 'In-sync sets of partitions led here that became smaller (IsrShrinksPerSec).', 'shrunk'],
    ['failedisrupdates', 'In-sync sets that the controller did not take over (FailedIsrUpdatesPerSec).', 'failed'],
  ] as const;
  for (const [name, help, update] of updates) {
    metrics.collected(`kafka_server_replicamanager_${name}_total`, help, 'counter', [], () => [
      [{}, replication.isrUpdates[update]],
    ]);
  }
  metrics.gauge(
    'kafka_server_replicafetchermanager_maxlag',
    'Offsets that the slowest followed partition is behind (MaxLag).',
    () => replication.maxLag,
  );
}

/** Not there when `log.cleaner.enable` is off. */
function addCleaner(metrics: MetricsRegistry, { cleaner, clock }: BrokerMetricsParts): void {
  if (cleaner === null) return;
  const gauge = (name: string, help: string, read: GaugeRead): void => metrics.gauge(`kafka_log_${name}`, help, read);
  const { metrics: own } = cleaner;
  gauge(
    'logcleaner_cleaner_recopy_percent',
    'Of what the last cleanings read, how much they wrote again (cleaner-recopy-percent).',
    () => own.cleanerRecopyPercent,
  );
  gauge(
    'logcleaner_max_buffer_utilization_percent',
    'How full the fullest offset map of the last cleanings was (max-buffer-utilization-percent).',
    () => own.maxBufferUtilizationPercent,
  );
  gauge(
    'logcleaner_max_clean_time_secs',
    'The longest of the last cleanings (max-clean-time-secs).',
    () => own.maxCleanTimeSecs,
  );
  gauge(
    'logcleaner_max_compaction_delay_secs',
    'How late a log was compacted at most (max-compaction-delay-secs).',
    () => own.maxCompactionDelaySecs,
  );
  gauge(
    'logcleanermanager_max_dirty_percent',
    'How dirty the dirtiest log was at the last look (max-dirty-percent).',
    () => own.maxDirtyPercent,
  );
  gauge(
    'logcleanermanager_time_since_last_run_ms',
    'Since the logs were last looked at (time-since-last-run-ms).',
    () => clock.nowMs() - own.lastRunMs,
  );
}
