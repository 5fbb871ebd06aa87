import java.io.IOException;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * The official Java producer writes numbered records to partitions of its own until its standard input ends, and says what became of each:
 * NumberWriter BOOTSTRAP TOPIC PARTITION COUNT. The lines are those of program-client.ts.
 *
 * <p>Kafka's defaults, except that it waits longer than anything lasts that happens to the brokers.
 */
public final class NumberWriter {
    private static final String PATIENCE_MS = "600000";
    private static final long INTERVAL_MS = 2;
    private static volatile boolean isStopped = false;

    public static void main(String[] args) throws InterruptedException {
        String topic = args[1];
        int first = Integer.parseInt(args[2]);
        int count = Integer.parseInt(args[3]);
        Map<String, Object> config = Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, args[0],
            ProducerConfig.ACKS_CONFIG, "all",
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true",
            ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, PATIENCE_MS,
            ProducerConfig.MAX_BLOCK_MS_CONFIG, PATIENCE_MS);
        stopWithInput();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (long number = 0; !isStopped; number++) {
                for (int partition = first; partition < first + count; partition++) send(producer, topic, partition, number);
                Thread.sleep(INTERVAL_MS);
            }
        }
    }

    private static void send(KafkaProducer<String, String> producer, String topic, int partition, long number) {
        String value = topic + "-" + partition + ":" + number + ":" + "x".repeat((int) (number % 200));
        producer.send(new ProducerRecord<>(topic, partition, Long.toString(number), value), (metadata, error) -> {
            String what = partition + " " + number + " ";
            System.out.println(error == null ? "acked " + what + metadata.offset() : "failed " + what + String.valueOf(error).replaceAll("\\s+", " "));
        });
    }

    private static void stopWithInput() {
        Thread reader = new Thread(() -> {
            try {
                while (System.in.read() >= 0) continue;
            } catch (IOException closed) {
                // as at its end
            }
            isStopped = true;
        });
        reader.setDaemon(true);
        reader.start();
    }
}
