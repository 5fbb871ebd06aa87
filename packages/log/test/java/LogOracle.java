import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.record.internal.FileRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.properties.MetaProperties;
import org.apache.kafka.metadata.properties.MetaPropertiesVersion;
import org.apache.kafka.metadata.properties.PropertiesUtils;
import org.apache.kafka.storage.internals.checkpoint.CleanShutdownFileHandler;
import org.apache.kafka.storage.internals.checkpoint.OffsetCheckpointFile;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogStartOffsetIncrementReason;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

/**
 * The log of the JVM, driven by a script, one operation a line: what our log is compared with.
 *
 * Usage: LogOracle DIRECTORY SCRIPT. Prints what it is asked for.
 */
public class LogOracle {
    private static final Map<String, String> config = new HashMap<>();
    private static UnifiedLog log;

    public static void main(String[] args) throws Exception {
        File directory = new File(args[0]);
        for (String line : Files.readAllLines(Path.of(args[1]))) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "config" -> config.put(words[1], words[2]);
                case "open" -> open(directory, Boolean.parseBoolean(words[1]), Long.parseLong(words[2]), words.length > 3 ? Optional.of(Uuid.fromString(words[3])) : Optional.empty());
                case "append" -> log.appendAsFollower(records(words[1]), Integer.MAX_VALUE);
                case "roll" -> log.roll();
                case "highwatermark" -> log.updateHighWatermark(Long.parseLong(words[1]));
                case "start" -> log.maybeIncrementLogStartOffset(Long.parseLong(words[1]), LogStartOffsetIncrementReason.ClientRecordDeletion);
                case "truncate" -> log.truncateTo(Long.parseLong(words[1]));
                case "state" -> state();
                case "timestamp" -> timestamp(Long.parseLong(words[1]));
                case "close" -> {
                    log.flush(true);
                    log.close();
                }
                case "offsets" -> offsets(new File(words[1]), words);
                case "clean" -> new CleanShutdownFileHandler(words[1]).write(Long.parseLong(words[2]));
                case "meta" -> meta(words);
                default -> throw new IllegalArgumentException(line);
            }
        }
        System.exit(0);
    }

    private static void open(File directory, boolean isClean, long recoveryPoint, Optional<Uuid> topicId) throws Exception {
        log = UnifiedLog.create(directory, LogConfig.fromProps(config, new Properties()), 0L, recoveryPoint,
            new QuietScheduler(), new BrokerTopicStats(), Time.SYSTEM, 900_000,
            new ProducerStateManagerConfig(Integer.MAX_VALUE, false), 600_000, new LogDirFailureChannel(10), isClean, topicId);
    }

    private static MemoryRecords records(String base64) {
        return MemoryRecords.readableRecords(ByteBuffer.wrap(Base64.getDecoder().decode(base64)));
    }

    private static void state() {
        System.out.println("start " + log.logStartOffset() + " end " + log.logEndOffset() + " stable " + log.lastStableOffset()
            + " recovery " + log.recoveryPoint() + " topic " + log.topicId().map(Uuid::toString).orElse("none"));
        System.out.println("segments " + log.logSegments().stream().map(s -> s.baseOffset() + ":" + s.size()).toList());
        System.out.println("epochs " + log.leaderEpochCache().epochEntries().stream().map(e -> e.epoch() + ":" + e.startOffset()).toList());
        System.out.println("producers " + log.activeProducers().stream()
            .map(p -> p.producerId() + ":" + p.producerEpoch() + ":" + p.lastSequence() + ":" + p.lastTimestamp() + ":" + p.coordinatorEpoch() + ":" + p.currentTxnStartOffset())
            .sorted().toList());
        System.out.println("aborted " + log.collectAbortedTransactions(log.logStartOffset(), log.logEndOffset()).stream()
            .map(a -> a.producerId() + ":" + a.firstOffset() + ":" + a.lastOffset() + ":" + a.lastStableOffset()).toList());
    }

    private static void timestamp(long wanted) {
        Optional<FileRecords.TimestampAndOffset> found = log.fetchOffsetByTimestamp(wanted, Optional.empty()).timestampAndOffsetOpt();
        System.out.println("timestamp " + wanted + " " + found.map(f -> f.timestamp + ":" + f.offset + ":" + f.leaderEpoch.orElse(-1)).orElse("none"));
    }

    private static void offsets(File file, String[] words) throws Exception {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (int i = 2; i < words.length; i += 3) {
            offsets.put(new TopicPartition(words[i], Integer.parseInt(words[i + 1])), Long.parseLong(words[i + 2]));
        }
        OffsetCheckpointFile checkpoint = new OffsetCheckpointFile(file, new LogDirFailureChannel(1));
        if (offsets.isEmpty()) System.out.println("offsets " + new java.util.TreeMap<>(stringKeys(checkpoint.read())));
        else checkpoint.write(offsets);
    }

    private static Map<String, Long> stringKeys(Map<TopicPartition, Long> offsets) {
        Map<String, Long> result = new HashMap<>();
        offsets.forEach((partition, offset) -> result.put(partition.toString(), offset));
        return result;
    }

    private static void meta(String[] words) throws Exception {
        if (words.length == 2) {
            System.out.println(new MetaProperties.Builder(PropertiesUtils.readPropertiesFile(words[1])).build());
            return;
        }
        MetaProperties meta = new MetaProperties.Builder().setVersion(MetaPropertiesVersion.V1).setClusterId(words[2])
            .setNodeId(Integer.parseInt(words[3])).setDirectoryId(Uuid.fromString(words[4])).build();
        PropertiesUtils.writePropertiesFile(meta.toProperties(), words[1], false);
    }

    /** Runs nothing: neither flushes nor deletions come in between. */
    private static class QuietScheduler implements org.apache.kafka.server.util.Scheduler {
        @Override
        public void startup() { }

        @Override
        public void shutdown() { }

        @Override
        public java.util.concurrent.ScheduledFuture<?> schedule(String name, Runnable task, long delayMs, long periodMs) {
            return java.util.concurrent.Executors.newScheduledThreadPool(0).schedule(() -> { }, Long.MAX_VALUE / 2, java.util.concurrent.TimeUnit.NANOSECONDS);
        }

        @Override
        public void resizeThreadPool(int newSize) { }
    }
}
