import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.KafkaConsumer;

/** A consumer follows producers that go as fast as they can; ends when it has every acknowledged record. */
final class TailLoad {
    private static final long CATCH_UP_NANOS = 60_000_000_000L;
    private final Options o;
    private final AtomicLong consumed = new AtomicLong();
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final AtomicLong total = new AtomicLong(Long.MAX_VALUE);

    TailLoad(Options o) {
        this.o = o;
    }

    Result run() throws Exception {
        ProduceLoad load = new ProduceLoad(o);
        try (Producers producers = new Producers(o, o.number("clients", 1))) {
            CountDownLatch positioned = new CountDownLatch(1);
            Workers workers = new Workers();
            workers.start("tail", () -> follow(positioned));
            positioned.await();
            Driver.begin();
            long start = System.nanoTime();
            load.send(producers, start);
            long lastAck = System.nanoTime();
            total.set(load.acknowledged());
            caughtUp.await();
            long end = System.nanoTime();
            Driver.end();
            workers.join();
            double seconds = (end - start) / 1e9;
            return new Result().put("records", consumed.get()).put("bytes", (double) consumed.get() * o.size()).put("seconds", seconds)
                .put("lagMs", (end - lastAck) / 1e6);
        }
    }

    private void follow(CountDownLatch positioned) {
        try (KafkaConsumer<byte[], byte[]> consumer = Clients.consumer(o)) {
            Clients.toEnd(consumer, Clients.partitions(o, 0, 1));
            positioned.countDown();
            long lastProgress = System.nanoTime();
            while (consumed.get() < total.get()) {
                int count = consumer.poll(Duration.ofMillis(20)).count();
                consumed.addAndGet(count);
                if (count > 0) lastProgress = System.nanoTime();
                else if (System.nanoTime() - lastProgress > CATCH_UP_NANOS) throw new IllegalStateException("consumed " + consumed + " of " + total);
            }
            // Closing waits for the fetch under way, which is no part of catching up.
            caughtUp.countDown();
        } finally {
            positioned.countDown();
            caughtUp.countDown();
        }
    }
}
