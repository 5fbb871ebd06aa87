package org.apache.kafka.coordinator.share;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.message.*;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.coordinator.common.runtime.CoordinatorMetadataImage;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.CoordinatorResult;
import org.apache.kafka.coordinator.share.metrics.ShareCoordinatorMetrics;
import org.apache.kafka.server.share.SharePartitionKey;
import org.apache.kafka.timeline.SnapshotRegistry;

/**
 * One shard of the JVM's own share coordinator, with a clock that stands still until it is told. Reads commands from its input, one per
 * line; answers each with its records, its response, and a line with a dot. Topics whose id begins with an A are not known.
 */
public class ShareStateOracle {
    private static final PrintStream OUT = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false);
    private static final int TOPIC_PARTITIONS = 3;

    private long nowMs;
    private long nextOffset;

    private final Time time = new Time() {
        @Override
        public long milliseconds() {
            return nowMs;
        }

        @Override
        public long nanoseconds() {
            return nowMs * 1_000_000;
        }

        @Override
        public void sleep(long ms) { }

        @Override
        public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) { }
    };

    private final ShareCoordinatorRecordSerde serde = new ShareCoordinatorRecordSerde();
    private final ShareCoordinatorShard shard;

    private ShareStateOracle(int updatesPerSnapshot, int coldIntervalMs) {
        AbstractConfig values = new AbstractConfig(ShareCoordinatorConfig.CONFIG_DEF, Map.of(
            ShareCoordinatorConfig.SNAPSHOT_UPDATE_RECORDS_PER_SNAPSHOT_CONFIG, updatesPerSnapshot,
            ShareCoordinatorConfig.COLD_PARTITION_SNAPSHOT_INTERVAL_MS_CONFIG, coldIntervalMs), false);
        shard = new ShareCoordinatorShard.Builder(new ShareCoordinatorConfig(values))
            .withSnapshotRegistry(new SnapshotRegistry(new LogContext()))
            .withCoordinatorMetrics(new ShareCoordinatorMetrics())
            .withTopicPartition(new TopicPartition("__share_group_state", 0))
            .withTime(time)
            .build();
        shard.onLoaded(image());
    }

    private static CoordinatorMetadataImage image() {
        return (CoordinatorMetadataImage) Proxy.newProxyInstance(
            ShareStateOracle.class.getClassLoader(),
            new Class<?>[] {CoordinatorMetadataImage.class},
            (proxy, method, args) -> {
                if (!method.getName().equals("topicMetadata")) throw new UnsupportedOperationException(method.getName());
                return ((Uuid) args[0]).toString().startsWith("A") ? Optional.empty() : Optional.of(topic());
            });
    }

    private static CoordinatorMetadataImage.TopicMetadata topic() {
        return (CoordinatorMetadataImage.TopicMetadata) Proxy.newProxyInstance(
            ShareStateOracle.class.getClassLoader(),
            new Class<?>[] {CoordinatorMetadataImage.TopicMetadata.class},
            (proxy, method, args) -> {
                if (!method.getName().equals("partitionCount")) throw new UnsupportedOperationException(method.getName());
                return TOPIC_PARTITIONS;
            });
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "null" : HexFormat.of().formatHex(bytes);
    }

    private static String hex(ApiMessage message, short version) {
        return hex(Utils.toArray(MessageUtil.toByteBufferAccessor(message, version).buffer()));
    }

    private void write(List<CoordinatorRecord> records) {
        for (CoordinatorRecord record : records) {
            OUT.println("record " + hex(serde.serializeKey(record)) + " " + hex(serde.serializeValue(record)));
            shard.replay(nextOffset++, -1, (short) -1, record);
        }
    }

    private <T extends ApiMessage> void answer(CoordinatorResult<T, CoordinatorRecord> result, short version) {
        write(result.records());
        OUT.println("response " + hex(result.response(), version));
    }

    private void run(String kind, ByteBuffer bytes, short version) {
        ByteBufferAccessor body = new ByteBufferAccessor(bytes);
        switch (kind) {
            case "initialize" -> answer(shard.initializeState(new InitializeShareGroupStateRequestData(body, version)), version);
            case "read" -> answer(shard.readStateAndMaybeUpdateLeaderEpoch(new ReadShareGroupStateRequestData(body, version)), version);
            case "write" -> answer(shard.writeState(new WriteShareGroupStateRequestData(body, version)), version);
            case "delete" -> answer(shard.deleteState(new DeleteShareGroupStateRequestData(body, version)), version);
            case "readSummary" -> answer(shard.readStateSummary(new ReadShareGroupStateSummaryRequestData(body, version)), version);
            default -> throw new IllegalArgumentException(kind);
        }
    }

    /** Commands: new UPDATES COLD_MS; KIND NOW_MS VERSION HEX; cold NOW_MS; redundant; place KEY. */
    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        ShareStateOracle oracle = null;
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "new" -> oracle = new ShareStateOracle(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                case "cold" -> {
                    oracle.nowMs = Long.parseLong(words[1]);
                    oracle.write(oracle.shard.snapshotColdPartitions().records());
                }
                case "redundant" -> OUT.println("redundant " + oracle.shard.lastRedundantOffset().response().orElse(-1L));
                case "place" -> OUT.println(
                    "place " + Utils.abs(SharePartitionKey.getInstance(words[1]).asCoordinatorKey().hashCode()) % 50);
                default -> {
                    oracle.nowMs = Long.parseLong(words[1]);
                    oracle.run(words[0], ByteBuffer.wrap(HexFormat.of().parseHex(words[3])), Short.parseShort(words[2]));
                }
            }
            OUT.println(".");
        }
        OUT.flush();
    }
}
