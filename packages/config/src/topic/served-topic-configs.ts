/**
 * For every topic configuration of Kafka 4.3.1: what gives it effect here, or why it is refused.
 *
 * The compiler keeps the table complete. A configuration that is not served is known, is described with its default, and is refused when
 * it is set to anything else; none is accepted and ignored.
 */
import type { TopicConfigValues } from '../generated/topic-configs.ts';

/** Either the part of the server that acts on it, or the reason for refusing it. */
export type ServedConfig =
  | { readonly served: true; readonly by: string }
  | { readonly served: false; readonly reason: string };

const by = (what: string): ServedConfig => ({ served: true, by: what });
const tiered: ServedConfig = { served: false, reason: 'Tiered storage is not available in this broker' };

export const servedTopicConfigs: Readonly<Record<keyof TopicConfigValues, ServedConfig>> = {
  'cleanup.policy': by('the log: retention and compaction'),
  'compression.gzip.level': by('the log: recompression with gzip'),
  'compression.lz4.level': by('the log: recompression with lz4'),
  'compression.type': by('the log: recompression of produced batches'),
  'compression.zstd.level': by('the log: recompression with zstd'),
  'delete.retention.ms': by('the log: how long compaction keeps tombstones'),
  'file.delete.delay.ms': by('the log: deletion of segment files'),
  'flush.messages': by('the log: fsync'),
  'flush.ms': by('the log: fsync'),
  'follower.replication.throttled.replicas': by('the fetchers: replicas that follow slowly'),
  'index.interval.bytes': by('the log: density of the offset index'),
  'internal.segment.bytes': by('the log: rolling of segments'),
  'leader.replication.throttled.replicas': by('the fetch handler: replicas that are served slowly'),
  'local.retention.bytes': tiered,
  'local.retention.ms': tiered,
  'max.compaction.lag.ms': by('the log: when compaction must happen'),
  'max.message.bytes': by('the log: the largest batch'),
  'message.timestamp.after.max.ms': by('the log: validation of produced timestamps'),
  'message.timestamp.before.max.ms': by('the log: validation of produced timestamps'),
  'message.timestamp.type': by('the log: timestamps of records'),
  'min.cleanable.dirty.ratio': by('the log: when compaction is worth while'),
  'min.compaction.lag.ms': by('the log: what compaction leaves alone'),
  'min.insync.replicas': by('the partition: acks=all, and the controller: eligible leaders'),
  preallocate: by('the log: size of new segment files'),
  'remote.log.copy.disable': tiered,
  'remote.log.delete.on.disable': tiered,
  'remote.storage.enable': tiered,
  'retention.bytes': by('the log: retention'),
  'retention.ms': by('the log: retention'),
  'segment.bytes': by('the log: rolling of segments'),
  'segment.index.bytes': by('the log: size of index files'),
  'segment.jitter.ms': by('the log: rolling of segments'),
  'segment.ms': by('the log: rolling of segments'),
  'unclean.leader.election.enable': by('the controller: elections'),
};
