import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The official Java clients lead transactions: Transactions BOOTSTRAP PREFIX. Prints "ok STEP" for each step, and ends at the first that fails.
 * The broker is to abort what times out within a second or so.
 */
public final class Transactions {
    private static String bootstrap;
    private static String prefix;

    public static void main(String[] args) throws Exception {
        bootstrap = args[0];
        prefix = args[1];
        commitAndAbort();
        consumeTransformProduce();
        fence();
        timeOut();
    }

    private static void commitAndAbort() throws Exception {
        String topic = topic("plain", 2);
        TreeSet<String> committed = new TreeSet<>();
        try (KafkaProducer<String, String> producer = producer("plain", 60_000)) {
            producer.initTransactions();
            for (int i = 0; i < 20; i++) {
                producer.beginTransaction();
                for (int j = 0; j < 10; j++) producer.send(new ProducerRecord<>(topic, j % 2, "k", i + "/" + j));
                if (i % 3 == 0) {
                    producer.flush();
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                    for (int j = 0; j < 10; j++) committed.add(i + "/" + j);
                }
            }
            producer.beginTransaction();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.commitTransaction();
        }
        check(values(topic, "read_committed", committed.size()).equals(committed), "committed records");
        check(values(topic, "read_uncommitted", 200).size() == 200, "all records");
        ok("commit and abort");
    }

    private static void consumeTransformProduce() throws Exception {
        String in = topic("in", 1);
        String out = topic("out", 1);
        String group = prefix + "-group";
        TopicPartition partition = new TopicPartition(in, 0);
        try (KafkaProducer<String, String> producer = producer("feed", 60_000)) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int i = 0; i < 30; i++) producer.send(new ProducerRecord<>(in, 0, null, "" + i));
            producer.commitTransaction();
        }
        TreeSet<String> expected = new TreeSet<>();
        try (KafkaProducer<String, String> producer = producer("transform", 60_000);
             KafkaConsumer<String, String> consumer = consumer("read_committed", group)) {
            producer.initTransactions();
            consumer.subscribe(List.of(in));
            int attempt = 0;
            int done = 0;
            while (done < 30) {
                List<ConsumerRecord<String, String>> records = new ArrayList<>();
                consumer.poll(Duration.ofMillis(500)).forEach(records::add);
                if (records.isEmpty()) continue;
                List<ConsumerRecord<String, String>> some = records.subList(0, Math.min(7, records.size()));
                producer.beginTransaction();
                for (ConsumerRecord<String, String> record : some)
                    producer.send(new ProducerRecord<>(out, 0, null, "<" + record.value() + ">"));
                long next = some.get(some.size() - 1).offset() + 1;
                producer.sendOffsetsToTransaction(Map.of(partition, new OffsetAndMetadata(next)), consumer.groupMetadata());
                if (attempt++ % 2 == 0) {
                    producer.abortTransaction();
                    OffsetAndMetadata at = consumer.committed(Set.of(partition)).get(partition);
                    consumer.seek(partition, at == null ? 0 : at.offset());
                } else {
                    producer.commitTransaction();
                    for (ConsumerRecord<String, String> record : some) expected.add("<" + record.value() + ">");
                    done += some.size();
                    check(consumer.committed(Set.of(partition)).get(partition).offset() == next, "committed offset");
                    consumer.seek(partition, next);
                }
            }
        }
        check(expected.size() == 30, "every record once");
        List<String> read = valueList(out, "read_committed", 30);
        check(read.size() == 30 && new TreeSet<>(read).equals(expected), "transformed records once: " + read);
        ok("consume, transform and produce");
    }

    private static void fence() throws Exception {
        String topic = topic("fence", 1);
        try (KafkaProducer<String, String> first = producer("fence", 60_000);
             KafkaProducer<String, String> second = producer("fence", 60_000)) {
            first.initTransactions();
            first.beginTransaction();
            first.send(new ProducerRecord<>(topic, "zombie")).get();
            second.initTransactions();
            second.beginTransaction();
            second.send(new ProducerRecord<>(topic, "successor"));
            second.commitTransaction();
            check(fails(first::commitTransaction), "the first producer is fenced");
        }
        check(values(topic, "read_committed", 1).equals(Set.of("successor")), "only the successor's record");
        ok("fence");
    }

    private static void timeOut() throws Exception {
        String topic = topic("timeout", 1);
        try (KafkaProducer<String, String> producer = producer("timeout", 1_000)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "late")).get();
            Thread.sleep(3_000);
            check(fails(producer::commitTransaction), "the commit comes too late");
        }
        try (KafkaProducer<String, String> producer = producer("timeout", 1_000)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "in time"));
            producer.commitTransaction();
        }
        check(values(topic, "read_committed", 1).equals(Set.of("in time")), "only what was in time");
        ok("time out");
    }

    private interface Action {
        void run();
    }

    private static boolean fails(Action action) {
        try {
            action.run();
            return false;
        } catch (KafkaException expected) {
            return true;
        }
    }

    private static String topic(String name, int partitions) throws Exception {
        String topic = prefix + "-" + name;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get(10, TimeUnit.SECONDS);
        }
        return topic;
    }

    private static KafkaProducer<String, String> producer(String id, int timeoutMs) {
        Map<String, Object> config = Map.of(
            "bootstrap.servers", bootstrap, "transactional.id", prefix + "-" + id, "transaction.timeout.ms", timeoutMs,
            "delivery.timeout.ms", 30_000, "linger.ms", 0);
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    private static KafkaConsumer<String, String> consumer(String isolation, String group) {
        Map<String, Object> config = Map.of(
            "bootstrap.servers", bootstrap, "isolation.level", isolation, "group.id", group, "enable.auto.commit", false,
            "auto.offset.reset", "earliest", "max.poll.records", 10);
        return new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
    }

    private static Set<String> values(String topic, String isolation, int count) {
        return new TreeSet<>(valueList(topic, isolation, count));
    }

    /** At least `count` values, and what comes within a moment after them. */
    private static List<String> valueList(String topic, String isolation, int count) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer = consumer(isolation, prefix + "-reader")) {
            List<TopicPartition> partitions =
                consumer.partitionsFor(topic).stream().map(info -> new TopicPartition(topic, info.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long endMs = System.currentTimeMillis() + 15_000;
            while (values.size() < count && System.currentTimeMillis() < endMs)
                consumer.poll(Duration.ofMillis(200)).forEach(record -> values.add(record.value()));
            consumer.poll(Duration.ofMillis(300)).forEach(record -> values.add(record.value()));
        }
        return values;
    }

    private static void check(boolean holds, String what) {
        if (!holds) throw new AssertionError(what);
    }

    private static void ok(String step) {
        System.out.println("ok " + step);
    }
}
