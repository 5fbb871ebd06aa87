import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * What groups consume, and what they have committed: GroupFeed BOOTSTRAP TOPIC PARTITIONS GROUP…. Makes the topic and writes the text "PARTITION-OFFSET" to
 * each partition in turn until it reads a line; looks at what the groups have committed until its input ends.
 *
 * Prints "ready"; "found GROUP - MS …" for each look, with the time of its begin since the epoch in ms and a word PARTITION:OFFSET for each partition; and
 * when nothing is written any more "wrote - - MS …", with the ends of the partitions in the same form. Ends with 1 when anything fails.
 */
public final class GroupFeed {
    private static final long WRITE_PAUSE_MS = 5;
    private static final long LOOK_PAUSE_MS = 50;
    private static volatile boolean isWriting = true;
    private static volatile boolean isLooking = true;

    private interface Work {
        void run() throws Exception;
    }

    public static void main(String[] args) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", args[0]);
        String topic = args[1];
        int partitions = Integer.parseInt(args[2]);
        List<String> groups = List.of(args).subList(3, args.length);
        try (Admin admin = Admin.create(config)) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get(60, TimeUnit.SECONDS);
            System.out.println("ready");
            start(() -> write(config, topic, new long[partitions]));
            Thread looking = start(() -> {
                while (isLooking) {
                    for (String group : groups) look(admin, group);
                    Thread.sleep(LOOK_PAUSE_MS);
                }
            });
            System.in.read();
            isWriting = false;
            while (System.in.read() != -1);
            isLooking = false;
            looking.join();
        }
    }

    private static Thread start(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (Throwable error) {
                error.printStackTrace();
                System.exit(1);
            }
        });
        thread.start();
        return thread;
    }

    private static void write(Map<String, Object> config, String topic, long[] ends) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; isWriting; i = (i + 1) % ends.length) {
                String value = i + "-" + ends[i]++;
                producer.send(new ProducerRecord<>(topic, i, null, value), (at, error) -> {
                    if (error == null) return;
                    error.printStackTrace();
                    System.exit(1);
                });
                Thread.sleep(WRITE_PAUSE_MS);
            }
        }
        StringBuilder words = new StringBuilder();
        for (int i = 0; i < ends.length; i++) words.append(' ').append(i).append(':').append(ends[i]);
        System.out.println("wrote - - " + System.currentTimeMillis() + words);
    }

    private static void look(Admin admin, String group) throws Exception {
        long beganMs = System.currentTimeMillis();
        String words = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get(60, TimeUnit.SECONDS).entrySet().stream()
            .filter(entry -> entry.getValue() != null)
            .map(entry -> " " + entry.getKey().partition() + ":" + entry.getValue().offset()).collect(Collectors.joining());
        System.out.println("found " + group + " - " + beganMs + words);
    }
}
