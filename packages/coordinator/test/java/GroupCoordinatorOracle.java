package org.apache.kafka.coordinator.group;

import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.security.Provider;
import java.security.SecureRandomSpi;
import java.security.Security;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.message.*;
import org.apache.kafka.common.metadata.*;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.*;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.LogContext;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.coordinator.common.runtime.*;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorMetrics;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;
import org.apache.kafka.image.MetadataDelta;
import org.apache.kafka.image.MetadataImage;
import org.apache.kafka.image.MetadataProvenance;
import org.apache.kafka.server.authorizer.AuthorizableRequestContext;
import org.apache.kafka.server.util.PartitionMetadataClient;
import org.apache.kafka.server.share.persister.Persister;
import org.apache.kafka.server.util.timer.Timer;
import org.apache.kafka.server.util.timer.TimerTask;
import org.apache.kafka.server.util.timer.TimerTaskEntry;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.VerificationGuard;

/**
 * The JVM's own group coordinator on one partition, one thread, a clock that stands still until it is told, a log in memory and counting
 * uuids. Reads commands from its input, one per line; answers each with what happened, and a line with a dot.
 */
public class GroupCoordinatorOracle {
    private static final TopicPartition PARTITION = new TopicPartition("__consumer_offsets", 0);
    private static final PrintStream OUT = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false);

    /** Gives 16 bytes that count, so that uuids do. */
    public static class CountingRandom extends SecureRandomSpi {
        static int count = 0;

        @Override
        protected void engineSetSeed(byte[] seed) { }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            Arrays.fill(bytes, (byte) 0);
            if (bytes.length == 16) ByteBuffer.wrap(bytes).putInt(12, ++count);
        }

        @Override
        protected byte[] engineGenerateSeed(int size) {
            return new byte[size];
        }
    }

    private static class CountingProvider extends Provider {
        CountingProvider() {
            super("Counting", "1", "counting uuids");
            put("SecureRandom.Counting", CountingRandom.class.getName());
        }
    }

    private long nowMs;
    private long sequence;

    private record Scheduled(long expirationMs, long order, TimerTaskEntry entry) { }

    private final PriorityQueue<Scheduled> scheduled = new PriorityQueue<>((a, b) ->
        a.expirationMs != b.expirationMs ? Long.compare(a.expirationMs, b.expirationMs) : Long.compare(a.order, b.order));

    private final Timer timer = new Timer() {
        @Override
        public void add(TimerTask task) {
            long expirationMs = nowMs + Math.max(0, task.delayMs);
            scheduled.add(new Scheduled(expirationMs, sequence++, new TimerTaskEntry(task, expirationMs)));
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
        public long nanoseconds() {
            return nowMs * 1_000_000;
        }

        @Override
        public void sleep(long ms) { }

        @Override
        public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) { }
    };

    private final ArrayDeque<CoordinatorEvent> events = new ArrayDeque<>();
    private boolean isClosed;

    private final CoordinatorEventProcessor processor = new CoordinatorEventProcessor() {
        @Override
        public void enqueueLast(CoordinatorEvent event) {
            events.addLast(event);
        }

        @Override
        public void enqueueFirst(CoordinatorEvent event) {
            events.addFirst(event);
        }

        @Override
        public void close() { }
    };

    private final List<MemoryRecords> log = new ArrayList<>();
    private long logEndOffset = 0;
    private long highWatermark = 0;
    private boolean holdCommits = false;
    private final ArrayDeque<Errors> failNext = new ArrayDeque<>();
    private PartitionWriter.Listener listener = null;

    private final PartitionWriter writer = new PartitionWriter() {
        @Override
        public void registerListener(TopicPartition tp, Listener newListener) {
            listener = newListener;
        }

        @Override
        public void deregisterListener(TopicPartition tp, Listener oldListener) {
            listener = null;
        }

        @Override
        public LogConfig config(TopicPartition tp) {
            return new LogConfig(Map.of());
        }

        @Override
        public long append(TopicPartition tp, VerificationGuard guard, MemoryRecords records, short transactionVersion) {
            boolean fails = !failNext.isEmpty();
            for (RecordBatch batch : records.batches())
                for (Record record : batch)
                    if (batch.isControlBatch()) OUT.println("marker " + batch.producerId() + " " + isCommit(record));
                    else OUT.println("append " + hex(record.key()) + " " + (record.value() == null ? "-" : hex(record.value())));
            if (fails) throw failNext.poll().exception();
            ByteBuffer copy = ByteBuffer.allocate(records.sizeInBytes());
            copy.put(records.buffer().duplicate()).flip();
            MemoryRecords stored = MemoryRecords.readableRecords(copy);
            for (var batch : stored.batches()) {
                batch.setLastOffset(logEndOffset + batch.lastOffset() - batch.baseOffset());
                logEndOffset = batch.lastOffset() + 1;
            }
            log.add(stored);
            return logEndOffset;
        }

        @Override
        public CompletableFuture<VerificationGuard> maybeStartTransactionVerification(
            TopicPartition tp, String transactionalId, long producerId, short producerEpoch, int apiVersion
        ) {
            return CompletableFuture.completedFuture(VerificationGuard.SENTINEL);
        }

        @Override
        public CompletableFuture<Void> deleteRecords(TopicPartition tp, long offset) {
            return CompletableFuture.completedFuture(null);
        }
    };

    private final CoordinatorLoader<CoordinatorRecord> loader = new CoordinatorLoader<>() {
        @Override
        public CompletableFuture<LoadSummary> load(TopicPartition tp, CoordinatorPlayback<CoordinatorRecord> playback) {
            GroupCoordinatorRecordSerde serde = new GroupCoordinatorRecordSerde();
            for (MemoryRecords records : log)
                for (RecordBatch batch : records.batches()) {
                    for (Record record : batch)
                        if (batch.isControlBatch()) playback.replayEndTransactionMarker(batch.producerId(), batch.producerEpoch(),
                            isCommit(record) ? TransactionResult.COMMIT : TransactionResult.ABORT);
                        else playback.replay(record.offset(), batch.producerId(), batch.producerEpoch(), serde.deserialize(record.key(), record.value()));
                    if (batch.nextOffset() < highWatermark) continue;
                    playback.updateLastWrittenOffset(batch.nextOffset());
                    if (batch.nextOffset() == highWatermark) playback.updateLastCommittedOffset(highWatermark);
                }
            return CompletableFuture.completedFuture(new LoadSummary(nowMs, nowMs, 0, 0, 0));
        }

        @Override
        public void close() { }
    };

    private final ArrayDeque<Runnable> background = new ArrayDeque<>();

    /** Runs nothing before time passes. */
    private final ExecutorService executor = (ExecutorService) Proxy.newProxyInstance(
        ExecutorService.class.getClassLoader(), new Class<?>[] {ExecutorService.class}, (proxy, method, arguments) -> {
            if (method.getName().equals("submit") || method.getName().equals("execute")) background.addLast((Runnable) arguments[0]);
            return null;
        });

    private MetadataImage image = MetadataImage.EMPTY;
    private Map<String, String> properties = Map.of();
    private CoordinatorRuntime<GroupCoordinatorShard, CoordinatorRecord> runtime;
    private GroupCoordinatorService service;
    private int leaderEpoch = 0;

    @SuppressWarnings("unchecked")
    private static <T> T silent(Class<T> type) {
        return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> null);
    }

    private static boolean isCommit(Record marker) {
        return ControlRecordType.parse(marker.key()) == ControlRecordType.COMMIT;
    }

    private void createService() {
        ConfigDef definition = Utils.mergeConfigs(List.of(GroupCoordinatorConfig.CONFIG_DEF, ShareGroupConfig.CONFIG_DEF));
        AbstractConfig values = new AbstractConfig(definition, properties, false);
        GroupCoordinatorConfig config = new GroupCoordinatorConfig(values);
        ShareGroupConfig shareConfig = new ShareGroupConfig(values);
        GroupConfigManager groupConfigs =
            new GroupConfigManager(config.extractGroupConfigMap(shareConfig), config, shareConfig);
        GroupCoordinatorMetrics metrics = new GroupCoordinatorMetrics();
        runtime = new CoordinatorRuntime.Builder<GroupCoordinatorShard, CoordinatorRecord>()
            .withTime(time)
            .withTimer(timer)
            .withLogContext(new LogContext())
            .withEventProcessor(processor)
            .withPartitionWriter(writer)
            .withLoader(loader)
            .withCoordinatorShardBuilderSupplier(() ->
                new GroupCoordinatorShard.Builder(config, groupConfigs).withAuthorizerPlugin(Optional.empty()))
            .withWriteTimeout(Duration.ofMillis(config.offsetCommitTimeoutMs()))
            .withCoordinatorRuntimeMetrics(silent(CoordinatorRuntimeMetrics.class))
            .withCoordinatorMetrics(metrics)
            .withSerializer(new GroupCoordinatorRecordSerde())
            .withCompression(Compression.NONE)
            .withAppendLingerMs(config.appendLingerMs())
            .withExecutorService(executor)
            .withCachedBufferMaxBytesSupplier(config::cachedBufferMaxBytes)
            .build();
        service = new GroupCoordinatorService(
            new LogContext(), config, runtime, metrics, groupConfigs, silent(Persister.class), timer,
            silent(PartitionMetadataClient.class));
        service.startup(() -> 1);
        if (image != MetadataImage.EMPTY)
            updateImage(new MetadataDelta.Builder().setImage(image).build());
    }

    /** Past the service, which would wait for the offsets of deleted topics to be gone. */
    private void updateImage(MetadataDelta delta) {
        runtime.onMetadataUpdate(new KRaftCoordinatorMetadataDelta(delta), new KRaftCoordinatorMetadataImage(image));
    }

    /** topics version name:id:partitions:rack+rack ... */
    private void topics(String[] words) {
        MetadataDelta delta = new MetadataDelta.Builder().setImage(image).build();
        Map<String, Integer> brokerOfRack = new HashMap<>();
        image.cluster().brokers().forEach((id, broker) -> broker.rack().ifPresent(rack -> brokerOfRack.put(rack, id)));
        Map<Uuid, String[]> wanted = new HashMap<>();
        for (int i = 2; i < words.length; i++) {
            String[] topic = words[i].split(":", -1);
            wanted.put(Uuid.fromString(topic[1]), topic);
        }
        image.topics().topicsById().forEach((id, topic) -> {
            if (!wanted.containsKey(id)) delta.replay(new RemoveTopicRecord().setTopicId(id));
        });
        wanted.forEach((id, topic) -> {
            List<Integer> replicas = new ArrayList<>();
            for (String rack : topic[3].isEmpty() ? new String[0] : topic[3].split("\\+")) {
                if (!brokerOfRack.containsKey(rack)) {
                    brokerOfRack.put(rack, brokerOfRack.size() + 1);
                    delta.replay(new RegisterBrokerRecord().setBrokerId(brokerOfRack.get(rack)).setRack(rack));
                }
                replicas.add(brokerOfRack.get(rack));
            }
            if (image.topics().getTopic(id) == null) delta.replay(new TopicRecord().setName(topic[0]).setTopicId(id));
            for (int partition = 0; partition < Integer.parseInt(topic[2]); partition++) {
                if (image.topics().getPartition(id, partition) != null) continue;
                delta.replay(new PartitionRecord().setTopicId(id).setPartitionId(partition).setReplicas(replicas).setIsr(replicas).setLeader(0));
            }
        });
        image = delta.apply(new MetadataProvenance(Long.parseLong(words[1]), 0, 0, true));
        updateImage(delta);
    }

    /** Runs events until there are none; commits what is written unless told not to. */
    private void settle() {
        for (;;) {
            CoordinatorEvent event;
            while ((event = events.poll()) != null) event.run();
            if (holdCommits || highWatermark == logEndOffset) return;
            commit();
        }
    }

    private void commit() {
        highWatermark = logEndOffset;
        if (listener != null) listener.onHighWatermarkUpdated(PARTITION, highWatermark);
    }

    private void advance(long ms) {
        Runnable task;
        while ((task = background.poll()) != null) {
            task.run();
            settle();
        }
        long endMs = nowMs + ms;
        for (;;) {
            Scheduled next = scheduled.peek();
            if (next == null || next.expirationMs > endMs) break;
            scheduled.poll();
            if (next.entry.cancelled()) continue;
            nowMs = Math.max(nowMs, next.expirationMs);
            next.entry.timerTask.run();
            settle();
        }
        nowMs = endMs;
    }

    private void shutdown() throws Exception {
        service.onResignation(0, OptionalInt.empty());
        settle();
        service.shutdown();
        settle();
    }

    private void execute(String line) throws Exception {
        String[] words = line.split(" ");
        switch (words[0]) {
            case "start" -> {
                Map<String, String> given = new HashMap<>();
                for (int i = 1; i < words.length; i++) given.put(words[i].split("=")[0], words[i].split("=")[1]);
                properties = given;
                nowMs = 1_000_000;
                CountingRandom.count = 0;
                scheduled.clear();
                background.clear();
                image = MetadataImage.EMPTY;
                log.clear();
                logEndOffset = 0;
                highWatermark = 0;
                holdCommits = false;
                failNext.clear();
                createService();
            }
            case "elect" -> service.onElection(0, ++leaderEpoch);
            case "resign" -> service.onResignation(0, OptionalInt.of(++leaderEpoch));
            case "restart" -> {
                shutdown();
                createService();
                service.onElection(0, ++leaderEpoch);
            }
            case "shutdown" -> shutdown();
            case "end-transaction" -> service.completeTransaction(
                PARTITION, Long.parseLong(words[2]), Short.parseShort(words[3]), 0,
                Boolean.parseBoolean(words[4]) ? TransactionResult.COMMIT : TransactionResult.ABORT, (short) 0
            ).whenComplete((nothing, failure) ->
                OUT.println("ended " + words[1] + " " + (failure == null ? Errors.NONE : Errors.forException(failure))));
            case "fail-next" -> failNext.add(Errors.valueOf(words[1]));
            case "hold-commits" -> holdCommits = true;
            case "commit" -> {
                holdCommits = false;
                commit();
            }
            case "advance" -> advance(Long.parseLong(words[1]));
            case "topics-deleted" -> {
                List<GroupCoordinatorShard.DeletedTopic> topics = new ArrayList<>();
                for (int i = 1; i < words.length; i++)
                    topics.add(new GroupCoordinatorShard.DeletedTopic(Uuid.fromString(words[i].split(":")[1]), words[i].split(":")[0]));
                runtime.scheduleWriteAllOperation("on-topics-deleted", shard -> shard.onTopicsDeleted(topics));
            }
            case "topics" -> topics(words);
            case "request" -> request(words);
            default -> throw new IllegalArgumentException(line);
        }
        settle();
    }

    /** request token kind apiVersion clientId bytes [topic ids] [retention] */
    private void request(String[] words) throws Exception {
        String token = words[1];
        short version = Short.parseShort(words[3]);
        AuthorizableRequestContext context = context(words[4], version);
        ByteBufferAccessor bytes = new ByteBufferAccessor(ByteBuffer.wrap(HexFormat.of().parseHex(words[5])));
        List<Uuid> topicIds = new ArrayList<>();
        if (words.length > 6 && !words[6].equals("-")) for (String id : words[6].split(",")) topicIds.add(Uuid.fromString(id));
        switch (words[2]) {
            case "joinGroup" -> respond(token,
                service.joinGroup(context, new JoinGroupRequest(new JoinGroupRequestData(bytes, (short) 9), version).data(), BufferSupplier.NO_CACHING)
                    .thenApply(response -> new JoinGroupResponse(response, version).data()), 9);
            case "syncGroup" -> {
                SyncGroupRequest request = new SyncGroupRequest(new SyncGroupRequestData(bytes, (short) 5), version);
                respond(token, request.areMandatoryProtocolTypeAndNamePresent()
                    ? service.syncGroup(context, request.data(), BufferSupplier.NO_CACHING)
                    : CompletableFuture.completedFuture(new SyncGroupResponseData().setErrorCode(Errors.INCONSISTENT_GROUP_PROTOCOL.code())), 5);
            }
            case "heartbeat" -> respond(token, service.heartbeat(context, new HeartbeatRequestData(bytes, (short) 4)), 4);
            case "leaveGroup" -> respond(token,
                service.leaveGroup(context, LeaveGroupRequest.parse(bytes, version).normalizedData())
                    .thenApply(response -> new LeaveGroupResponse(response, version).data()), 5);
            case "offsetCommit" -> {
                OffsetCommitRequestData data = new OffsetCommitRequestData(bytes, (short) 9);
                for (int i = 0; i < topicIds.size(); i++) data.topics().get(i).setTopicId(topicIds.get(i));
                data.setRetentionTimeMs(Long.parseLong(words[7]));
                respond(token, service.commitOffsets(context, data, BufferSupplier.NO_CACHING), 9);
            }
            case "txnOffsetCommit" -> respond(token, service.commitTransactionalOffsets(
                context, new TxnOffsetCommitRequestData(bytes, (short) 5), BufferSupplier.NO_CACHING), 5);
            case "offsetFetch" -> {
                OffsetFetchRequestData data = new OffsetFetchRequestData(bytes, (short) 9);
                OffsetFetchRequestData.OffsetFetchRequestGroup group = data.groups().get(0);
                for (int i = 0; i < topicIds.size(); i++) group.topics().get(i).setTopicId(topicIds.get(i));
                respond(token, service.fetchOffsets(context, group, data.requireStable())
                    .exceptionally(failure -> OffsetFetchResponse.groupError(group, Errors.forException(failure), version))
                    .thenApply(response -> new OffsetFetchResponseData().setGroups(List.of(response))), 9);
            }
            case "offsetDelete" -> respond(token, service.deleteOffsets(context, new OffsetDeleteRequestData(bytes, (short) 0), BufferSupplier.NO_CACHING), 0);
            case "describeGroups" -> respond(token,
                service.describeGroups(context, new DescribeGroupsRequestData(bytes, (short) 6).groups())
                    .thenApply(groups -> new DescribeGroupsResponseData().setGroups(groups)), 6);
            case "consumerGroupHeartbeat" -> respond(token,
                service.consumerGroupHeartbeat(context, new ConsumerGroupHeartbeatRequestData(bytes, (short) 1)), 1);
            case "consumerGroupDescribe" -> respond(token,
                service.consumerGroupDescribe(context, new ConsumerGroupDescribeRequestData(bytes, (short) 1).groupIds())
                    .thenApply(groups -> new ConsumerGroupDescribeResponseData().setGroups(groups)), 1);
            case "streamsGroupHeartbeat" -> respond(token,
                service.streamsGroupHeartbeat(context, new StreamsGroupHeartbeatRequestData(bytes, (short) 0)).thenApply(result -> result.data()), 0);
            case "streamsGroupDescribe" -> respond(token,
                service.streamsGroupDescribe(context, new StreamsGroupDescribeRequestData(bytes, (short) 0).groupIds())
                    .thenApply(groups -> new StreamsGroupDescribeResponseData().setGroups(groups)), 0);
            case "listGroups" -> respond(token, service.listGroups(context, new ListGroupsRequestData(bytes, (short) 5)), 5);
            case "deleteGroups" -> respond(token,
                service.deleteGroups(context, new DeleteGroupsRequestData(bytes, (short) 2).groupsNames(), BufferSupplier.NO_CACHING)
                    .thenApply(results -> new DeleteGroupsResponseData().setResults(results)), 2);
            default -> throw new IllegalArgumentException(words[2]);
        }
    }

    private static void respond(String token, CompletableFuture<? extends ApiMessage> future, int version) {
        future.whenComplete((response, failure) -> {
            if (failure != null) OUT.println("failed " + token + " " + failure);
            else OUT.println("respond " + token + " " + hex(MessageUtil.toByteBufferAccessor(response, (short) version).buffer()));
        });
    }

    private static AuthorizableRequestContext context(String clientId, short version) throws Exception {
        InetAddress address = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        return new AuthorizableRequestContext() {
            @Override public String listenerName() { return "PLAINTEXT"; }
            @Override public SecurityProtocol securityProtocol() { return SecurityProtocol.PLAINTEXT; }
            @Override public KafkaPrincipal principal() { return KafkaPrincipal.ANONYMOUS; }
            @Override public InetAddress clientAddress() { return address; }
            @Override public int requestType() { return 0; }
            @Override public int requestVersion() { return version; }
            @Override public String clientId() { return clientId; }
            @Override public int correlationId() { return 0; }
        };
    }

    private static String hex(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    public static void main(String[] arguments) throws Exception {
        Security.insertProviderAt(new CountingProvider(), 1);
        GroupCoordinatorOracle oracle = new GroupCoordinatorOracle();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            oracle.execute(line);
            OUT.println(".");
        }
        OUT.flush();
        System.exit(0);
    }
}
