import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Producers that are connected, each with one record acknowledged, and that are closed together. */
final class Producers implements AutoCloseable {
    private final List<KafkaProducer<byte[], byte[]>> all = new ArrayList<>();

    Producers(Options o, int count) throws Exception {
        try {
            byte[] value = new Payloads(o.size()).at(0);
            List<Future<?>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) all.add(Clients.producer(o, i));
            for (KafkaProducer<byte[], byte[]> one : all) sent.add(one.send(new ProducerRecord<>(o.topic(), value)));
            for (Future<?> one : sent) one.get();
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    int count() {
        return all.size();
    }

    KafkaProducer<byte[], byte[]> get(int index) {
        return all.get(index);
    }

    void flush() {
        for (KafkaProducer<byte[], byte[]> one : all) one.flush();
    }

    @Override
    public void close() {
        for (KafkaProducer<byte[], byte[]> one : all) one.close(Duration.ofSeconds(5));
    }
}
