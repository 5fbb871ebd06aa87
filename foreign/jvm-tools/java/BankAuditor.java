import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Reads what is committed of the entries of some banks (see BankProcessor), and looks at their groups' offsets: BankAuditor BOOTSTRAP PARTITIONS BANK…, until its input ends.
 *
 * Prints "ready", and "entry BANK PARTITION OFFSET VALUE" for each entry in the order in which it is read. A look at a bank is two lines among these: "offsets BANK …" with a
 * word PARTITION:OFFSET for each partition of orders whose committed offset is stable, asked for when everything above was read; and "reached BANK" when everything is
 * read that was in the entries' partitions, of open transactions too, after these offsets were answered.
 */
public final class BankAuditor {
    private static final Duration POLL = Duration.ofMillis(50);
    private static final long LOOK_PAUSE_MS = 200;

    private final Admin admin;
    private final KafkaConsumer<String, String> consumer;
    private final int partitions;
    /** The ends that a look waits for, by bank. */
    private final Map<String, Map<TopicPartition, Long>> awaited = new HashMap<>();
    private final Map<String, Long> lookedMs = new HashMap<>();

    public static void main(String[] args) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", args[0]);
        Map<String, Object> readerConfig = Map.of("bootstrap.servers", args[0], "isolation.level", "read_committed", "auto.offset.reset", "none");
        List<String> banks = List.of(args).subList(2, args.length);
        try (Admin admin = Admin.create(config);
            KafkaConsumer<String, String> consumer = new KafkaConsumer<>(readerConfig, new StringDeserializer(), new StringDeserializer())) {
            new BankAuditor(admin, consumer, Integer.parseInt(args[1])).run(banks);
        }
    }

    private BankAuditor(Admin admin, KafkaConsumer<String, String> consumer, int partitions) {
        this.admin = admin;
        this.consumer = consumer;
        this.partitions = partitions;
    }

    private void run(List<String> banks) throws Exception {
        consumer.assign(banks.stream().flatMap(bank -> partitionsOf("entries-" + bank).stream()).toList());
        for (TopicPartition at : consumer.assignment()) consumer.seek(at, 0);
        System.out.println("ready");
        while (System.in.available() == 0) {
            for (ConsumerRecord<String, String> entry : consumer.poll(POLL)) {
                String bank = entry.topic().replaceFirst("entries-", "");
                System.out.println("entry " + bank + " " + entry.partition() + " " + entry.offset() + " " + entry.value());
            }
            for (String bank : banks) {
                if (!awaited.containsKey(bank)) look(bank);
                else if (awaited.get(bank).entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue())) {
                    awaited.remove(bank);
                    System.out.println("reached " + bank);
                }
            }
        }
    }

    private void look(String bank) throws Exception {
        if (System.currentTimeMillis() < lookedMs.getOrDefault(bank, 0L) + LOOK_PAUSE_MS) return;
        lookedMs.put(bank, System.currentTimeMillis());
        try {
            ListConsumerGroupOffsetsSpec spec = new ListConsumerGroupOffsetsSpec().topicPartitions(partitionsOf("orders-" + bank));
            // A partition whose offset is not stable is not in the answer.
            Map<TopicPartition, OffsetAndMetadata> offsets = admin
                .listConsumerGroupOffsets(Map.of(bank, spec), new ListConsumerGroupOffsetsOptions().requireStable(true))
                .partitionsToOffsetAndMetadata(bank).get(60, TimeUnit.SECONDS);
            Map<TopicPartition, OffsetSpec> latest =
                partitionsOf("entries-" + bank).stream().collect(Collectors.toMap(at -> at, at -> OffsetSpec.latest()));
            Map<TopicPartition, ListOffsetsResultInfo> ends = admin.listOffsets(latest).all().get(60, TimeUnit.SECONDS);
            System.out.println("offsets " + bank + offsets.entrySet().stream()
                .map(one -> " " + one.getKey().partition() + ":" + (one.getValue() == null ? 0 : one.getValue().offset())).collect(Collectors.joining()));
            awaited.put(bank, ends.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, end -> end.getValue().offset())));
        } catch (ExecutionException error) {
            if (!(error.getCause() instanceof RetriableException)) throw error;
            System.err.println("no look at " + bank + ": " + error.getCause());
        }
    }

    private List<TopicPartition> partitionsOf(String topic) {
        return IntStream.range(0, partitions).mapToObj(i -> new TopicPartition(topic, i)).toList();
    }
}
