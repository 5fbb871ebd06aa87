import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The official Java clients consume, transform and produce within transactions on a cluster whose brokers may die: ClusterTransactions BOOTSTRAP SECONDS.
 * One group of each protocol. Prints "ok PROTOCOL" when every record came through exactly once and committed offsets never went back.
 */
public final class ClusterTransactions {
    private static final int PARTITIONS = 6;
    private static final int MEMBERS = 2;
    private static final long DRAIN_MS = 90_000;
    private static String bootstrap;

    public static void main(String[] args) throws Exception {
        bootstrap = args[0];
        long endMs = System.currentTimeMillis() + Integer.parseInt(args[1]) * 1000L;
        List<Thread> threads = new ArrayList<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        for (String protocol : List.of("classic", "consumer")) {
            Thread thread = new Thread(() -> {
                try {
                    new ClusterTransactions(protocol, failure).run(endMs);
                } catch (Throwable error) {
                    failure.compareAndSet(null, error);
                }
            });
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) thread.join();
        if (failure.get() == null) System.exit(0);
        failure.get().printStackTrace();
        System.exit(1);
    }

    private final String protocol;
    private final String in;
    private final String out;
    private final String group;
    private final AtomicReference<Throwable> failure;
    private volatile boolean isDone;

    private ClusterTransactions(String protocol, AtomicReference<Throwable> failure) {
        this.protocol = protocol;
        this.in = "in-" + protocol;
        this.out = "out-" + protocol;
        this.group = "group-" + protocol;
        this.failure = failure;
    }

    private void run(long endMs) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            List<NewTopic> topics = List.of(in, out).stream()
                .map(name -> new NewTopic(name, PARTITIONS, (short) 3).configs(Map.of("min.insync.replicas", "2"))).toList();
            admin.createTopics(topics).all().get(60, TimeUnit.SECONDS);
        }
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < MEMBERS; i++) {
            int member = i;
            threads.add(start(() -> transform(member)));
        }
        threads.add(start(this::watchOffsets));
        int fed = feed(endMs);
        List<String> expected = IntStream.range(0, fed).mapToObj(i -> "<" + i + ">").sorted().toList();
        List<String> seen = read(out, fed);
        isDone = true;
        for (Thread thread : threads) thread.join();
        List<String> sorted = seen.stream().sorted().toList();
        Map<String, Long> counts = sorted.stream().collect(Collectors.groupingBy(value -> value, Collectors.counting()));
        List<String> twice = counts.entrySet().stream().filter(entry -> entry.getValue() > 1).map(Map.Entry::getKey).toList();
        List<String> missing = expected.stream().filter(value -> !counts.containsKey(value)).toList();
        if (!sorted.equals(expected))
            throw new AssertionError(protocol + ": " + fed + " fed, " + seen.size() + " seen, twice " + twice + ", missing " + missing);
        System.out.println(protocol + " records " + fed);
        System.out.println("ok " + protocol);
    }

    private interface Work {
        void run() throws Exception;
    }

    private Thread start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (Throwable error) {
                failure.compareAndSet(null, error);
                isDone = true;
            }
        });
        thread.start();
        return thread;
    }

    /** Writes numbers within transactions, every fifth of which is aborted; returns how many were committed. */
    private int feed(long endMs) throws Exception {
        int next = 0;
        try (KafkaProducer<String, String> producer = producer("feed-" + protocol)) {
            producer.initTransactions();
            for (int i = 0; System.currentTimeMillis() < endMs && !isDone; i++) {
                boolean isCommit = i % 5 != 4;
                producer.beginTransaction();
                for (int j = 0; j < 6; j++)
                    producer.send(new ProducerRecord<>(in, (i + j) % PARTITIONS, null, isCommit ? "" + (next + j) : "aborted"));
                if (isCommit) {
                    commit(producer);
                    next += 6;
                } else {
                    producer.flush();
                    producer.abortTransaction();
                }
                Thread.sleep(20);
            }
        }
        return next;
    }

    /** A commit that took too long goes on; it has to be asked for again. */
    private static void commit(KafkaProducer<String, String> producer) {
        for (;;) {
            try {
                producer.commitTransaction();
                return;
            } catch (TimeoutException again) {
                System.err.println("commit again: " + again);
            }
        }
    }

    private void transform(int member) {
        try (KafkaConsumer<String, String> consumer = consumer(group)) {
            consumer.subscribe(List.of(in));
            KafkaProducer<String, String> producer = null;
            while (!isDone) {
                try {
                    if (producer == null) {
                        producer = producer("transform-" + protocol + "-" + member);
                        producer.initTransactions();
                    }
                    ConsumerRecords<String, String> records = consumer.poll(Duration.ofMillis(200));
                    if (records.isEmpty()) continue;
                    producer.beginTransaction();
                    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                    for (ConsumerRecord<String, String> record : records) {
                        TopicPartition at = new TopicPartition(record.topic(), record.partition());
                        if (record.value().equals("aborted")) throw new AssertionError("aborted record at " + at + " " + record.offset());
                        producer.send(new ProducerRecord<>(out, null, record.value(), "<" + record.value() + ">"));
                        offsets.put(at, new OffsetAndMetadata(record.offset() + 1));
                    }
                    producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
                    commit(producer);
                } catch (KafkaException error) {
                    System.err.println(protocol + " " + member + " starts again: " + error);
                    // Its successor has the same id: what is open is aborted before it begins.
                    if (producer != null) producer.close(Duration.ZERO);
                    producer = null;
                    rewind(consumer);
                }
            }
            if (producer != null) producer.close();
        }
    }

    /** Back to what is committed. */
    private static void rewind(KafkaConsumer<String, String> consumer) {
        Set<TopicPartition> assigned = consumer.assignment();
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(assigned, Duration.ofSeconds(60));
        for (TopicPartition at : assigned)
            consumer.seek(at, committed.get(at) == null ? 0 : committed.get(at).offset());
    }

    private void watchOffsets() throws Exception {
        Map<TopicPartition, Long> last = new HashMap<>();
        int looks = 0;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            while (!isDone) {
                Thread.sleep(50);
                Map<TopicPartition, OffsetAndMetadata> offsets;
                try {
                    offsets = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get(60, TimeUnit.SECONDS);
                } catch (java.util.concurrent.ExecutionException later) {
                    continue;
                }
                looks++;
                for (Map.Entry<TopicPartition, Long> known : last.entrySet()) {
                    OffsetAndMetadata now = offsets.get(known.getKey());
                    if (now == null || now.offset() < known.getValue())
                        throw new AssertionError(group + " went back at " + known + " to " + now);
                }
                offsets.forEach((at, offset) -> { if (offset != null) last.put(at, offset.offset()); });
            }
        }
        System.out.println(protocol + " offsets looked at " + looks + " times");
    }

    private List<String> read(String topic, int count) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer(null)) {
            Collection<TopicPartition> partitions =
                IntStream.range(0, PARTITIONS).mapToObj(i -> new TopicPartition(topic, i)).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long endMs = System.currentTimeMillis() + DRAIN_MS;
            while (values.size() < count && System.currentTimeMillis() < endMs && !isDone)
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
            consumer.poll(Duration.ofMillis(1000)).forEach(record -> values.add(record.value()));
        }
        return values;
    }

    private static KafkaProducer<String, String> producer(String id) {
        Map<String, Object> config = Map.of(
            "bootstrap.servers", bootstrap, "transactional.id", id, "transaction.timeout.ms", 20_000,
            "delivery.timeout.ms", 60_000, "request.timeout.ms", 5_000, "linger.ms", 0);
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    private KafkaConsumer<String, String> consumer(String groupId) {
        Map<String, Object> config = new HashMap<>(Map.of(
            "bootstrap.servers", bootstrap, "isolation.level", "read_committed", "enable.auto.commit", false,
            "auto.offset.reset", "earliest", "max.poll.records", 50, "request.timeout.ms", 10_000, "default.api.timeout.ms", 60_000));
        if (groupId != null) {
            config.put("group.id", groupId);
            config.put("group.protocol", protocol);
        }
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }
}
