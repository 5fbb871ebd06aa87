import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Sends at a fixed rate whatever the answers do, from one thread over one or many producers, while (unless {@code follow=false}) a
 * consumer follows. Latencies count from the time at which a record should have been sent, so that a stall is seen by all it delays.
 */
final class OpenLoop {
    private static final long DRAIN_NANOS = 20_000_000_000L;
    private final Options o;
    private final Latencies endToEnd = new Latencies();
    private final Latencies acks = new Latencies();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private final AtomicBoolean stop = new AtomicBoolean();

    OpenLoop(Options o) {
        this.o = o;
    }

    Result run() throws Exception {
        boolean isFollowed = o.text("follow", "true").equals("true");
        long total = (long) (o.decimal("rate", 20_000) * o.decimal("seconds", 10));
        Workers workers = new Workers();
        try (Producers producers = new Producers(o, o.number("clients", 1))) {
            if (isFollowed) {
                CountDownLatch positioned = new CountDownLatch(1);
                workers.start("follow", () -> follow(positioned));
                positioned.await();
            }
            Driver.begin();
            long start = System.nanoTime();
            send(producers, total);
            long lastAck = System.nanoTime();
            while (isFollowed && !workers.failed() && received.get() < total - failures.get() && System.nanoTime() - lastAck < DRAIN_NANOS) Thread.sleep(1);
            double seconds = (lastAck - start) / 1e9;
            Driver.end();
            stop.set(true);
            workers.join();
            Result result = new Result().put("records", total - failures.get()).put("bytes", (double) (total - failures.get()) * o.size())
                .put("failures", failures.get()).put("seconds", seconds).put("ack", acks);
            if (!isFollowed) return result;
            if (received.get() < total - failures.get()) throw new IllegalStateException("received " + received + " of " + total);
            return result.put("", endToEnd);
        } finally {
            stop.set(true);
        }
    }

    private void send(Producers producers, long total) {
        Payloads payloads = new Payloads(o.size());
        Pacer pacer = new Pacer(o.decimal("rate", 20_000));
        for (long i = 0; i < total; i++) {
            long due = pacer.await(i);
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(o.topic(), (int) (i % o.partitions()), null, payloads.stamped(i, due));
            producers.get((int) (i % producers.count())).send(record, (metadata, error) -> {
                if (error != null) failures.incrementAndGet();
                else acks.add(System.nanoTime() - due);
            });
        }
        producers.flush();
    }

    private void follow(CountDownLatch positioned) {
        try (KafkaConsumer<byte[], byte[]> consumer = Clients.consumer(o)) {
            Clients.toEnd(consumer, Clients.partitions(o, 0, 1));
            positioned.countDown();
            while (!stop.get()) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
                    endToEnd.add(System.nanoTime() - ByteBuffer.wrap(record.value()).getLong());
                    received.incrementAndGet();
                }
            }
        } finally {
            positioned.countDown();
        }
    }
}
