import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
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
 * Carries out orders of a bank (see BankOrders): BankProcessor BOOTSTRAP BANK SLOT LIFE NAME=VALUE…, with configurations of the consumer. Processors with the same
 * SLOT have the same transactional id, and fence each other; LIFE tells them apart. Works until its input ends.
 *
 * A batch of orders is an attempt: one transaction of two entries for each order, "ATTEMPT SIZE ORDER ACCOUNT AMOUNT", with SIZE entries in all, each in the
 * partition of "entries-BANK" that its account belongs to, and of the offsets of the orders. Every few attempts one is aborted on purpose, and its orders
 * are read again.
 *
 * Prints a line "WHAT BANK ATTEMPT" at each step, before the next is taken: "began", "sent" with entries and offsets, "committing", and
 * "committed" or "aborted" when it was told so. What goes wrong
 * is told on the other stream; it aborts what it can, or else begins with new clients, as KIP-1050 has it. Ends with 1 when an order is not what must be there.
 */
public final class BankProcessor {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration REWIND = Duration.ofSeconds(20);
    private static final int BATCH = 30;
    /** One in so many attempts is aborted on purpose. */
    private static final int ABORT = 6;
    /** The longest pause between the entries of an attempt and its offsets. */
    private static final int PAUSE_MS = 60;

    private static volatile boolean isOver;
    private final Map<String, Object> shared;
    private final Map<String, Object> consumerConfig;
    private final String bank;
    private final String name;
    private final String transactionalId;
    private final Random random;
    private int attempts;

    public static void main(String[] args) {
        Thread input = new Thread(() -> {
            try {
                while (System.in.read() != -1);
            } catch (IOException error) {
                error.printStackTrace();
            }
            isOver = true;
        });
        input.setDaemon(true);
        input.start();
        new BankProcessor(args).run();
    }

    private BankProcessor(String[] args) {
        this.shared = Map.of("bootstrap.servers", args[0], "request.timeout.ms", 5_000);
        this.bank = args[1];
        this.transactionalId = bank + "-" + args[2];
        this.name = transactionalId + "-" + args[3];
        this.random = new Random(name.hashCode());
        this.consumerConfig = new java.util.HashMap<>(Map.of("group.id", bank, "isolation.level", "read_committed", "enable.auto.commit", false,
            "auto.offset.reset", "earliest", "max.poll.records", BATCH));
        consumerConfig.putAll(shared);
        for (String setting : List.of(args).subList(4, args.length)) {
            String[] parts = setting.split("=", 2);
            consumerConfig.put(parts[0], parts[1]);
        }
    }

    private void run() {
        while (!isOver) {
            KafkaProducer<String, String> producer = null;
            try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(consumerConfig, new StringDeserializer(), new StringDeserializer())) {
                producer = newProducer();
                producer.initTransactions();
                consumer.subscribe(List.of("orders-" + bank));
                while (!isOver) process(consumer, producer);
            } catch (KafkaException error) {
                System.err.println(name + " begins anew: " + error);
            } finally {
                // What it has open is aborted when its successor begins.
                if (producer != null) producer.close(Duration.ZERO);
            }
        }
    }

    private KafkaProducer<String, String> newProducer() {
        Map<String, Object> config = new java.util.HashMap<>(Map.of("transactional.id", transactionalId, "transaction.timeout.ms", 10_000,
            "delivery.timeout.ms", 10_000, "max.block.ms", 10_000));
        config.putAll(shared);
        return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
    }

    /** Errors: throws when it can only begin anew. */
    private void process(KafkaConsumer<String, String> consumer, KafkaProducer<String, String> producer) {
        ConsumerRecords<String, String> orders = consumer.poll(POLL);
        if (orders.isEmpty()) return;
        // Not later: a consumer of KIP-848 that was given up while it stood still joins again behind its application, and would lend its new epoch, which
        // the coordinator takes, to orders that are another's now.
        ConsumerGroupMetadata membership = consumer.groupMetadata();
        String attempt = name + "-" + attempts++;
        boolean isOrderly = attempts % ABORT != 0;
        producer.beginTransaction();
        tell("began", attempt);
        try {
            int size = 2 * orders.count();
            for (ConsumerRecord<String, String> order : orders) enter(producer, attempt + " " + size + " ", order);
            pause(random.nextInt(PAUSE_MS));
            producer.sendOffsetsToTransaction(orders.nextOffsets(), membership);
            tell("sent", attempt);
            pause(random.nextInt(PAUSE_MS));
            if (isOrderly) {
                tell("committing", attempt);
                untilDone(producer::commitTransaction);
                tell("committed", attempt);
                return;
            }
            producer.flush();
        } catch (KafkaException error) {
            System.err.println(attempt + " is given up: " + error);
        }
        untilDone(producer::abortTransaction);
        tell("aborted", attempt);
        rewind(consumer);
    }

    private void enter(KafkaProducer<String, String> producer, String start, ConsumerRecord<String, String> order) {
        String[] words = order.value().split(" ");
        String place = order.partition() + "-" + order.offset();
        if (!words[0].equals(place)) {
            System.err.println(words[0] + " is at " + place);
            Runtime.getRuntime().halt(1);
        }
        int amount = Integer.parseInt(words[3]);
        enter(producer, start + place, Integer.parseInt(words[1]), -amount);
        enter(producer, start + place, Integer.parseInt(words[2]), amount);
    }

    private void enter(KafkaProducer<String, String> producer, String start, int account, int amount) {
        String topic = "entries-" + bank;
        int partition = account % producer.partitionsFor(topic).size();
        producer.send(new ProducerRecord<>(topic, partition, null, start + " " + account + " " + amount));
    }

    /** An end that took too long goes on, and is to be asked for again. */
    private static void untilDone(Runnable end) {
        for (;;) {
            try {
                end.run();
                return;
            } catch (TimeoutException late) {
                System.err.println("once more after " + late);
            }
        }
    }

    /** Back to what is committed. */
    private static void rewind(KafkaConsumer<String, String> consumer) {
        Set<TopicPartition> assigned = consumer.assignment();
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(assigned, REWIND);
        for (TopicPartition at : assigned) {
            if (committed.get(at) == null) consumer.seekToBeginning(Set.of(at));
            else consumer.seek(at, committed.get(at));
        }
    }

    private static void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException error) {
            throw new IllegalStateException(error);
        }
    }

    private void tell(String what, String attempt) {
        System.out.println(what + " " + bank + " " + attempt);
    }
}
