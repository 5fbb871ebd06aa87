import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Producers that go as fast as they can: for a time ({@code seconds}) or up to a number of records ({@code records}).
 *
 * <p>Throughput counts acknowledged records, up to the last acknowledgement.
 */
final class ProduceLoad {
    private static final int DEADLINE_CHECK_MASK = 63;
    private final Options o;
    private final Payloads payloads;
    private final LongAdder failures = new LongAdder();
    private final AtomicLong sent = new AtomicLong();
    private final Callback onAck = (metadata, error) -> {
        if (error != null) failures.increment();
    };

    ProduceLoad(Options o) {
        this.o = o;
        payloads = new Payloads(o.size());
    }

    Result run() throws Exception {
        try (Producers producers = new Producers(o, o.number("clients", 1))) {
            Driver.begin();
            long start = System.nanoTime();
            send(producers, start);
            double seconds = (System.nanoTime() - start) / 1e9;
            Driver.end();
            return new Result().put("records", acknowledged()).put("failures", failures.sum()).put("bytes", (double) acknowledged() * o.size()).put("seconds", seconds);
        }
    }

    long acknowledged() {
        return sent.get() - failures.sum();
    }

    /** Sends from one thread per producer and waits for the acknowledgements. */
    void send(Producers producers, long startNanos) throws Exception {
        long perClient = o.big("records", Long.MAX_VALUE) / producers.count();
        long deadline = startNanos + (long) (o.decimal("seconds", 3600) * 1e9);
        Workers workers = new Workers();
        for (int i = 0; i < producers.count(); i++) {
            KafkaProducer<byte[], byte[]> producer = producers.get(i);
            workers.start("produce-" + i, () -> {
                long count = 0;
                while (count < perClient && ((count & DEADLINE_CHECK_MASK) != 0 || System.nanoTime() < deadline)) {
                    producer.send(new ProducerRecord<>(o.topic(), payloads.at(count)), onAck);
                    count++;
                }
                producer.flush();
                sent.addAndGet(count);
            });
        }
        workers.join();
    }
}
