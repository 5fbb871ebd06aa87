package kafka.server.share;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import kafka.server.ReplicaManager;

import org.apache.kafka.clients.consumer.internals.ShareAcquireMode;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.group.GroupConfigManager;
import org.apache.kafka.server.purgatory.DelayedOperationPurgatory;
import org.apache.kafka.server.share.acknowledge.ShareAcknowledgementBatch;
import org.apache.kafka.server.share.fetch.InFlightBatch;
import org.apache.kafka.server.share.fetch.InFlightState;
import org.apache.kafka.server.share.fetch.ShareAcquiredRecords;
import org.apache.kafka.server.share.persister.*;
import org.apache.kafka.server.storage.log.FetchIsolation;
import org.apache.kafka.server.storage.log.FetchPartitionData;
import org.apache.kafka.server.util.timer.Timer;
import org.apache.kafka.server.util.timer.TimerTask;
import org.apache.kafka.server.util.timer.TimerTaskEntry;

/**
 * The JVM's own share partition with a clock that stands still until it is told, and a persister that answers when it is told. Reads commands
 * from its input, one per line; answers each with what happened, the state that came of it, and a line with a dot.
 */
public class SharePartitionOracle {
    private static final PrintStream OUT = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false);
    private static final Uuid TOPIC_ID = new Uuid(1, 2);
    private static final TopicIdPartition PARTITION = new TopicIdPartition(TOPIC_ID, new TopicPartition("topic", 0));
    private static final sun.misc.Unsafe UNSAFE = unsafe();

    private long nowMs = 1000;
    private long sequence;
    private int writeId;
    private final Map<Integer, CompletableFuture<WriteShareGroupStateResult>> writes = new LinkedHashMap<>();
    private ReadShareGroupStateResult state;
    private SharePartition partition;

    private record Scheduled(long expirationMs, long order, TimerTask task, TimerTaskEntry entry) { }

    private final PriorityQueue<Scheduled> scheduled = new PriorityQueue<>((a, b) ->
        a.expirationMs != b.expirationMs ? Long.compare(a.expirationMs, b.expirationMs) : Long.compare(a.order, b.order));

    private final Timer timer = new Timer() {
        @Override
        public void add(TimerTask task) {
            long expirationMs = nowMs + task.delayMs;
            scheduled.add(new Scheduled(expirationMs, sequence++, task, new TimerTaskEntry(task, expirationMs)));
        }

        @Override
        public boolean advanceClock(long timeoutMs) {
            return false;
        }

        @Override
        public int size() {
            return scheduled.size();
        }

        @Override
        public void close() { }
    };

    private final Time time = new Time() {
        @Override
        public long milliseconds() {
            return nowMs;
        }

        @Override
        public long hiResClockMs() {
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

    private final Persister persister = new Persister() {
        @Override
        public CompletableFuture<InitializeShareGroupStateResult> initializeState(InitializeShareGroupStateParameters request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<ReadShareGroupStateResult> readState(ReadShareGroupStateParameters request) {
            return CompletableFuture.completedFuture(state);
        }

        @Override
        public CompletableFuture<WriteShareGroupStateResult> writeState(WriteShareGroupStateParameters request) {
            PartitionStateBatchData data = (PartitionStateBatchData) request.groupTopicPartitionData().topicsData().get(0).partitions().get(0);
            StringBuilder text = new StringBuilder("write " + ++writeId + " " + data.startOffset() + " " + data.deliveryCompleteCount() + " " + data.stateEpoch());
            for (PersisterStateBatch batch : data.stateBatches())
                text.append(" ").append(batch.firstOffset()).append("-").append(batch.lastOffset()).append("/")
                    .append(batch.deliveryState()).append("/").append(batch.deliveryCount());
            OUT.println(text);
            CompletableFuture<WriteShareGroupStateResult> future = new CompletableFuture<>();
            writes.put(writeId, future);
            return future;
        }

        @Override
        public CompletableFuture<DeleteShareGroupStateResult> deleteState(DeleteShareGroupStateParameters request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<ReadShareGroupStateSummaryResult> readSummary(ReadShareGroupStateSummaryParameters request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void stop() { }
    };

    private static sun.misc.Unsafe unsafe() {
        try {
            Field field = sun.misc.Unsafe.class.getDeclaredField("theUnsafe");
            field.setAccessible(true);
            return (sun.misc.Unsafe) field.get(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** An object of which nothing but one field is there. */
    @SuppressWarnings("unchecked")
    private static <T> T hollow(Class<T> type, String name, Object value) throws ReflectiveOperationException {
        T object = (T) UNSAFE.allocateInstance(type);
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        field.set(object, value);
        return object;
    }

    private void create(String[] words) throws ReflectiveOperationException {
        ReplicaManager replicas = hollow(ReplicaManager.class, "delayedShareFetchPurgatory",
            new DelayedOperationPurgatory<>("ShareFetch", timer, 0, 1000, false, false));
        GroupConfigManager configs = hollow(GroupConfigManager.class, "configMap", new ConcurrentHashMap<>());
        partition = new SharePartition("group", PARTITION, 0, Integer.parseInt(words[1]), Integer.parseInt(words[2]),
            Integer.parseInt(words[3]), timer, time, persister, replicas, configs, null);
        List<PersisterStateBatch> batches = new ArrayList<>();
        for (int i = 6; i < words.length; i++) {
            String[] parts = words[i].split("[-/]");
            batches.add(new PersisterStateBatch(Long.parseLong(parts[0]), Long.parseLong(parts[1]), Byte.parseByte(parts[2]), Short.parseShort(parts[3])));
        }
        state = new ReadShareGroupStateResult.Builder().setTopicsData(List.of(new TopicData<>(TOPIC_ID, List.of(
            PartitionFactory.newPartitionAllData(0, Integer.parseInt(words[5]), Long.parseLong(words[4]), (short) 0, null, batches))))).build();
        partition.maybeInitialize().whenComplete((nothing, error) -> {
            if (error != null) OUT.println("failed");
        });
    }

    private void acquire(String[] words) {
        MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(HexFormat.of().parseHex(words[6])));
        List<FetchResponseData.AbortedTransaction> aborted = new ArrayList<>();
        for (int i = 7; i < words.length; i++) {
            String[] parts = words[i].split("@");
            aborted.add(new FetchResponseData.AbortedTransaction().setProducerId(Long.parseLong(parts[0])).setFirstOffset(Long.parseLong(parts[1])));
        }
        FetchPartitionData data = new FetchPartitionData(Errors.NONE, 1000, 0, records, Optional.empty(), OptionalLong.empty(),
            Optional.of(aborted), OptionalInt.empty(), false);
        ShareAcquiredRecords acquired = partition.acquire(words[1], ShareAcquireMode.of(words[2]),
            Integer.parseInt(words[3]), Integer.parseInt(words[4]), Long.parseLong(words[5]), data, FetchIsolation.TXN_COMMITTED);
        StringBuilder text = new StringBuilder("acquired " + acquired.count());
        acquired.acquiredRecords().forEach(range ->
            text.append(" ").append(range.firstOffset()).append("-").append(range.lastOffset()).append("/").append(range.deliveryCount()));
        OUT.println(text);
    }

    private void acknowledge(String[] words) {
        List<ShareAcknowledgementBatch> batches = new ArrayList<>();
        for (int i = 3; i < words.length; i++) {
            String[] parts = words[i].split("[-:]");
            List<Byte> types = new ArrayList<>();
            for (String type : parts[2].split(",")) types.add(Byte.parseByte(type));
            batches.add(new ShareAcknowledgementBatch(Long.parseLong(parts[0]), Long.parseLong(parts[1]), types));
        }
        partition.acknowledge(words[1], batches).whenComplete((nothing, error) -> report(words[2], error));
    }

    private static void report(String token, Throwable error) {
        OUT.println("done " + token + " " + (error == null ? "ok" : Errors.forException(error).code() + " " + error.getMessage()));
    }

    private void complete(int id, short code) {
        WriteShareGroupStateResult result = new WriteShareGroupStateResult.Builder().setTopicsData(List.of(new TopicData<>(TOPIC_ID, List.of(
            PartitionFactory.newPartitionErrorData(0, code, code == 0 ? null : "no"))))).build();
        writes.remove(id).complete(result);
    }

    private void advance(long toMs) {
        nowMs = toMs;
        while (!scheduled.isEmpty() && scheduled.peek().expirationMs <= nowMs) {
            Scheduled due = scheduled.poll();
            if (!due.task.isCancelled()) due.task.run();
        }
    }

    private void printState() {
        OUT.println("offsets " + partition.startOffset() + " " + partition.endOffset() + " " + partition.deliveryCompleteCount()
            + " " + partition.nextFetchOffset() + " " + partition.canAcquireRecords());
        StringBuilder text = new StringBuilder("records");
        for (InFlightBatch batch : partition.cachedState().values()) {
            if (batch.offsetState() == null)
                text.append(" ").append(batch.firstOffset()).append("-").append(batch.lastOffset()).append("/").append(batch.batchState().id)
                    .append("/").append(batch.batchDeliveryCount()).append("/").append(batch.batchMemberId());
            else
                for (Map.Entry<Long, InFlightState> entry : batch.offsetState().entrySet())
                    text.append(" ").append(entry.getKey()).append("-").append(entry.getKey()).append("/").append(entry.getValue().state().id)
                        .append("/").append(entry.getValue().deliveryCount()).append("/").append(entry.getValue().memberId());
        }
        OUT.println(text);
    }

    /**
     * Commands: new MAX_LOCKS MAX_DELIVERIES LOCK_MS START STATE_EPOCH FIRST-LAST/STATE/COUNT...; acquire MEMBER MODE BATCH_SIZE MAX FROM HEX
     * PRODUCER@FIRST...; ack MEMBER TOKEN FIRST-LAST:TYPE,TYPE...; release MEMBER TOKEN; start OFFSET; time NOW_MS; written ID CODE.
     */
    public static void main(String[] arguments) throws Exception {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        SharePartitionOracle oracle = null;
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            if (words[0].equals("new")) {
                oracle = new SharePartitionOracle();
                oracle.create(words);
            } else try {
                switch (words[0]) {
                    case "acquire" -> oracle.acquire(words);
                    case "ack" -> oracle.acknowledge(words);
                    case "release" -> oracle.partition.releaseAcquiredRecords(words[1]).whenComplete((nothing, error) -> report(words[2], error));
                    case "start" -> oracle.partition.updateCacheAndOffsets(Long.parseLong(words[1]));
                    case "time" -> oracle.advance(Long.parseLong(words[1]));
                    case "written" -> oracle.complete(Integer.parseInt(words[1]), Short.parseShort(words[2]));
                    default -> throw new IllegalArgumentException(line);
                }
            } catch (RuntimeException e) {
                OUT.println("exception " + e + " " + e.getStackTrace()[0]);
            }
            oracle.printState();
            OUT.println(".");
        }
        OUT.flush();
    }
}
