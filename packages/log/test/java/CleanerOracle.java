/*
 * Kafka's own cleaner as an oracle for compaction in @skarab/log.
 *
 *   clean CASES OUT    CASES: JSON array of { dir, nowMs, highWatermark, configs, dedupeBufferSize, ioBufferSize }, where dir is a log
 *                      directory with the log t-0 that was closed in order; OUT: a line for each, "cleaned FROM TO" or "nothing"
 */
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.util.KafkaScheduler;
import org.apache.kafka.storage.internals.log.Cleaner;
import org.apache.kafka.storage.internals.log.LogCleanerManager;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogDirFailureChannel;
import org.apache.kafka.storage.internals.log.LogToClean;
import org.apache.kafka.storage.internals.log.PreCleanStats;
import org.apache.kafka.storage.internals.log.ProducerStateManagerConfig;
import org.apache.kafka.storage.internals.log.SkimpyOffsetMap;
import org.apache.kafka.storage.internals.log.UnifiedLog;
import org.apache.kafka.storage.internals.utils.Throttler;
import org.apache.kafka.storage.log.metrics.BrokerTopicStats;

public class CleanerOracle {
    private static final TopicPartition PARTITION = new TopicPartition("t", 0);

    public static void main(String[] args) throws Exception {
        KafkaScheduler scheduler = new KafkaScheduler(1);
        scheduler.startup();
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(Path.of(args[2])))) {
            for (JsonNode one : new ObjectMapper().readTree(new File(args[1]))) out.println(clean(one, scheduler));
        }
        scheduler.shutdown();
        System.exit(0);
    }

    private static String clean(JsonNode one, KafkaScheduler scheduler) throws Exception {
        Time time = new FrozenTime(one.get("nowMs").asLong());
        File logDir = new File(one.get("dir").asText());
        LogDirFailureChannel failures = new LogDirFailureChannel(1);
        UnifiedLog log = UnifiedLog.create(new File(logDir, PARTITION.toString()), configOf(one.get("configs")), 0L,
            Long.MAX_VALUE, scheduler, new BrokerTopicStats(), time, 900_000,
            new ProducerStateManagerConfig(86_400_000, false), 600_000, failures, true, Optional.empty());
        log.updateHighWatermark(one.get("highWatermark").asLong());
        ConcurrentMap<TopicPartition, UnifiedLog> logs = new ConcurrentHashMap<>(Map.of(PARTITION, log));
        LogCleanerManager manager = new LogCleanerManager(List.of(logDir), logs, failures);
        Optional<LogToClean> found = manager.grabFilthiestCompactedLog(time, new PreCleanStats());
        String result = found.isEmpty() ? "nothing" : cleanFound(one, found.get(), manager, time, logDir);
        log.close();
        return result;
    }

    private static String cleanFound(JsonNode one, LogToClean found, LogCleanerManager manager, Time time, File logDir)
            throws Exception {
        Cleaner cleaner = new Cleaner(0, new SkimpyOffsetMap(one.get("dedupeBufferSize").asInt()),
            one.get("ioBufferSize").asInt(), 1_048_588, 0.9,
            new Throttler(Double.MAX_VALUE, 300, "cleaner-io", "bytes", time), time, partition -> { });
        long endOffset = cleaner.doClean(found, time.milliseconds()).getKey();
        manager.doneCleaning(PARTITION, logDir, endOffset);
        return "cleaned " + found.firstDirtyOffset() + " " + endOffset;
    }

    private static LogConfig configOf(JsonNode configs) {
        Map<String, String> texts = new HashMap<>();
        configs.fields().forEachRemaining(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return new LogConfig(texts);
    }

    /** A clock that stands still. */
    private record FrozenTime(long nowMs) implements Time {
        @Override
        public long milliseconds() {
            return nowMs;
        }

        @Override
        public long nanoseconds() {
            return nowMs * 1_000_000;
        }

        @Override
        public void sleep(long ms) {
        }

        @Override
        public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) {
        }
    }
}
