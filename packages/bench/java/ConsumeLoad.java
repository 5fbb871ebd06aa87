import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** Consumers that share the partitions of a topic and read it from its beginning until they have {@code records} in all. */
final class ConsumeLoad {
    private final Options o;
    private final long total;
    private final AtomicLong received = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    ConsumeLoad(Options o) {
        this.o = o;
        total = Long.parseLong(o.required("records"));
    }

    Result run() throws Exception {
        List<KafkaConsumer<byte[], byte[]>> consumers = new ArrayList<>();
        try {
            int clients = o.number("clients", 1);
            for (int i = 0; i < clients; i++) {
                consumers.add(Clients.consumer(o));
                Clients.toBeginning(consumers.get(i), Clients.partitions(o, i, clients));
            }
            Workers workers = new Workers();
            Driver.begin();
            long start = System.nanoTime();
            long deadline = start + o.big("timeoutSeconds", 120) * 1_000_000_000L;
            for (KafkaConsumer<byte[], byte[]> consumer : consumers) workers.start("consume", () -> read(consumer, deadline));
            workers.join();
            double seconds = (System.nanoTime() - start) / 1e9;
            Driver.end();
            return new Result().put("records", received.get()).put("bytes", bytes.get()).put("seconds", seconds);
        } finally {
            for (KafkaConsumer<byte[], byte[]> consumer : consumers) consumer.close();
        }
    }

    private void read(KafkaConsumer<byte[], byte[]> consumer, long deadline) {
        while (received.get() < total) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(20));
            long size = 0;
            for (ConsumerRecord<byte[], byte[]> record : records) size += record.serializedValueSize();
            received.addAndGet(records.count());
            bytes.addAndGet(size);
            if (System.nanoTime() > deadline) throw new IllegalStateException("received " + received + " of " + total);
        }
    }
}
