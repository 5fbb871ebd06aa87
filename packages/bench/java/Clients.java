import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The official clients with the configuration of a load's options. */
final class Clients {
    private Clients() {}

    static KafkaProducer<byte[], byte[]> producer(Options o, int index) {
        String acks = o.text("acks", "all");
        Properties p = new Properties();
        p.put("bootstrap.servers", o.required("bootstrap"));
        p.put("client.id", "producer-" + index);
        p.put("acks", acks);
        p.put("enable.idempotence", o.text("idempotence", String.valueOf(acks.equals("all"))));
        p.put("compression.type", o.text("compression", "none"));
        p.put("batch.size", o.text("batch", "65536"));
        p.put("linger.ms", o.text("linger", "5"));
        p.put("buffer.memory", o.text("buffer", "33554432"));
        p.put("max.request.size", "10485760");
        p.put("enable.metrics.push", "false");
        return new KafkaProducer<>(p, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static KafkaConsumer<byte[], byte[]> consumer(Options o) {
        Properties p = new Properties();
        p.put("bootstrap.servers", o.required("bootstrap"));
        p.put("enable.auto.commit", "false");
        p.put("auto.offset.reset", "earliest");
        p.put("fetch.max.bytes", o.text("fetchMax", "52428800"));
        p.put("max.partition.fetch.bytes", o.text("partitionFetchMax", "1048576"));
        p.put("fetch.min.bytes", o.text("fetchMin", "1"));
        p.put("max.poll.records", o.text("maxPoll", "10000"));
        p.put("enable.metrics.push", "false");
        return new KafkaConsumer<>(p, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Every {@code step}th partition of the topic, from {@code first} on. */
    static List<TopicPartition> partitions(Options o, int first, int step) {
        List<TopicPartition> result = new ArrayList<>();
        for (int i = first; i < o.partitions(); i += step) result.add(new TopicPartition(o.topic(), i));
        return result;
    }

    /** Assigns partitions and looks up where they begin. */
    static void toBeginning(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        for (TopicPartition partition : partitions) consumer.position(partition);
    }

    /** Assigns partitions and looks up where they end. */
    static void toEnd(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        for (TopicPartition partition : partitions) consumer.position(partition);
    }
}
