import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** One record in flight at a time: what a round trip costs. */
final class ClosedLoop {
    private final Options o;

    ClosedLoop(Options o) {
        this.o = o;
    }

    Result run() throws Exception {
        byte[] payload = new Payloads(o.size()).at(0);
        Latencies acks = new Latencies();
        try (Producers producers = new Producers(o, 1)) {
            KafkaProducer<byte[], byte[]> producer = producers.get(0);
            Driver.begin();
            long start = System.nanoTime();
            long deadline = start + (long) (o.decimal("seconds", 5) * 1e9);
            long count = 0;
            for (long sentAt = start; sentAt < deadline; ) {
                producer.send(new ProducerRecord<>(o.topic(), payload)).get();
                long ackedAt = System.nanoTime();
                acks.add(ackedAt - sentAt);
                sentAt = ackedAt;
                count++;
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            Driver.end();
            return new Result().put("records", count).put("bytes", (double) count * o.size()).put("seconds", seconds).put("", acks);
        }
    }
}
