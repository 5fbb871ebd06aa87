import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.apache.kafka.common.errors.UnreleasedInstanceIdException;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Members of consumer groups, each a consumer in a thread: GroupMembers BOOTSTRAP TOPIC. Every record must be the text "PARTITION-OFFSET".
 *
 * Reads commands: "join GROUP MEMBER NAME=VALUE…" with configurations of the consumer; "stall MEMBER MS", which does not poll meanwhile; "leave MEMBER",
 * which closes in order. When there are no more commands, all leave and the program ends.
 *
 * Prints what happens to members, a line each, "WHAT GROUP MEMBER MS …", with the time since the epoch in ms: "assigned", "revoked" (when nothing is done
 * with them any more) and "lost" with partitions; "generation" with the generation or member epoch; "delivered" with partition, first offset and the
 * offset after the last; "committed" with partition and offset; "awoke" after a stall; "left"; "fenced" when
 * another has its group.instance.id; and "failed" with a text for what must not be.
 */
public final class GroupMembers {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long COMMIT_INTERVAL_MS = 200;
    private static final Map<String, Member> members = new ConcurrentHashMap<>();

    public static void main(String[] args) throws Exception {
        System.out.println("ready");
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = commands.readLine()) != null;) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "join" -> {
                    Member member = new Member(args[0], args[1], words);
                    members.put(member.name, member);
                    member.start();
                }
                case "stall" -> members.get(words[1]).stallMs = Long.parseLong(words[2]);
                case "leave" -> members.remove(words[1]).isLeaving = true;
                default -> throw new IllegalArgumentException(line);
            }
        }
        for (Member member : members.values()) member.isLeaving = true;
    }

    private static final class Member extends Thread implements ConsumerRebalanceListener {
        final String name;
        final Map<TopicPartition, Long> positions = new HashMap<>();
        final Map<TopicPartition, Long> committed = new HashMap<>();
        private final String group;
        private final String topic;
        private final KafkaConsumer<String, String> consumer;
        volatile long stallMs;
        volatile boolean isLeaving;

        Member(String bootstrap, String topic, String[] words) {
            this.group = words[1];
            this.name = words[2];
            this.topic = topic;
            Map<String, Object> config = new HashMap<>(Map.of("bootstrap.servers", bootstrap, "group.id", group, "client.id", name, "enable.auto.commit", false,
                "auto.offset.reset", "earliest", "max.poll.records", 100));
            for (String setting : Arrays.asList(words).subList(3, words.length)) {
                String[] parts = setting.split("=", 2);
                config.put(parts[0], parts[1]);
            }
            this.consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer());
        }

        @Override
        public void run() {
            try {
                try (consumer) {
                    consume();
                }
                tell("left", "");
            } catch (FencedInstanceIdException | UnreleasedInstanceIdException error) {
                tell("fenced", error.getClass().getSimpleName());
            } catch (Throwable error) {
                tell("failed", error.toString().replace('\n', ' '));
            }
        }

        private void consume() throws InterruptedException {
            consumer.subscribe(List.of(topic), this);
            int generation = -1;
            long committedMs = 0;
            while (!isLeaving) {
                if (stallMs > 0) {
                    Thread.sleep(stallMs);
                    stallMs = 0;
                    tell("awoke", "");
                }
                ConsumerRecords<String, String> records = consumer.poll(POLL);
                for (TopicPartition at : records.partitions()) deliver(at, records.records(at));
                int now = consumer.groupMetadata().generationId();
                if (now != generation) tell("generation", now);
                generation = now;
                if (System.currentTimeMillis() < committedMs + COMMIT_INTERVAL_MS) continue;
                committedMs = System.currentTimeMillis();
                commit(positions.keySet());
            }
        }

        private void deliver(TopicPartition at, List<ConsumerRecord<String, String>> records) {
            long next = records.get(0).offset();
            for (ConsumerRecord<String, String> record : records) {
                String expected = at.partition() + "-" + next++;
                if (!record.value().equals(expected)) throw new AssertionError(expected + " is " + record.value() + " at " + record.offset());
            }
            positions.put(at, next);
            tell("delivered", at.partition() + " " + records.get(0).offset() + " " + next);
        }

        /** Commits what is not committed of some partitions. Whoever was fenced, or is to join again, learns of that with the next poll. */
        private void commit(Collection<TopicPartition> partitions) {
            Map<TopicPartition, Long> behind = new HashMap<>();
            for (TopicPartition at : partitions) {
                Long position = positions.get(at);
                if (position != null && !position.equals(committed.get(at))) behind.put(at, position);
            }
            if (behind.isEmpty()) return;
            try {
                consumer.commitSync(behind.entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, entry -> new OffsetAndMetadata(entry.getValue()))));
            } catch (CommitFailedException | RebalanceInProgressException | FencedInstanceIdException refused) {
                return;
            }
            behind.forEach((at, offset) -> {
                committed.put(at, offset);
                tell("committed", at.partition() + " " + offset);
            });
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            tell("assigned", partitions);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            commit(partitions);
            forget(partitions);
            tell("revoked", partitions);
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            forget(partitions);
            tell("lost", partitions);
        }

        private void forget(Collection<TopicPartition> partitions) {
            positions.keySet().removeAll(partitions);
            committed.keySet().removeAll(partitions);
        }

        private void tell(String what, Collection<TopicPartition> partitions) {
            if (partitions.isEmpty()) return;
            tell(what, partitions.stream().map(at -> Integer.toString(at.partition())).collect(Collectors.joining(" ")));
        }

        private void tell(String what, Object rest) {
            System.out.println(what + " " + group + " " + name + " " + System.currentTimeMillis() + " " + rest);
        }
    }
}
