import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Orders of transfers for some banks: BankOrders BOOTSTRAP SEED PARTITIONS ACCOUNTS BANK…. Makes the topics "orders-BANK" and "entries-BANK", and writes orders
 * with an idempotent producer until its input ends: "PARTITION-OFFSET FROM TO AMOUNT", where the first is the order's own place, and accounts are numbers.
 *
 * Prints "ready", and when nothing is written any more "ended BANK …" with a word PARTITION:END for each partition of orders. Ends with 1 when anything fails.
 */
public final class BankOrders {
    private static final long PAUSE_MS = 12;
    private static final short REPLICAS = 3;

    public static void main(String[] args) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", args[0]);
        Random random = new Random(Long.parseLong(args[1]));
        int partitions = Integer.parseInt(args[2]);
        int accounts = Integer.parseInt(args[3]);
        List<String> banks = List.of(args).subList(4, args.length);
        try (Admin admin = Admin.create(config)) {
            List<NewTopic> topics = banks.stream().flatMap(bank -> List.of("orders-" + bank, "entries-" + bank).stream())
                .map(name -> new NewTopic(name, partitions, REPLICAS).configs(Map.of("min.insync.replicas", "2"))).toList();
            admin.createTopics(topics).all().get(60, TimeUnit.SECONDS);
        }
        System.out.println("ready");
        Thread input = new Thread(BankOrders::readAll);
        input.start();
        long[] ends = new long[partitions];
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            while (input.isAlive()) {
                int partition = random.nextInt(partitions);
                int from = random.nextInt(accounts);
                int to = (from + 1 + random.nextInt(accounts - 1)) % accounts;
                String order = partition + "-" + ends[partition]++ + " " + from + " " + to + " " + (1 + random.nextInt(100));
                for (String bank : banks)
                    producer.send(new ProducerRecord<>("orders-" + bank, partition, null, order), (at, error) -> {
                        if (error != null) fail(error);
                    });
                Thread.sleep(PAUSE_MS);
            }
        }
        String words = IntStream.range(0, partitions).mapToObj(i -> " " + i + ":" + ends[i]).collect(Collectors.joining());
        for (String bank : banks) System.out.println("ended " + bank + words);
    }

    private static void readAll() {
        try {
            while (System.in.read() != -1);
        } catch (java.io.IOException error) {
            fail(error);
        }
    }

    private static void fail(Exception error) {
        error.printStackTrace();
        Runtime.getRuntime().halt(1);
    }
}
