// Command kafkago drives a broker with segmentio's kafka-go: kafkago BOOTSTRAP. Each step that holds prints a line; the first that
// does not ends it.
package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/segmentio/kafka-go"
)

var (
	bootstrap = os.Args[1]
	ctx, stop = context.WithTimeout(context.Background(), 60*time.Second)
)

func check(err error, what string) {
	if err != nil {
		fmt.Printf("FAILED %s: %v\n", what, err)
		os.Exit(1)
	}
}

func expect(ok bool, format string, args ...any) {
	if !ok {
		check(fmt.Errorf(format, args...), "expectation")
	}
}

func done(step string) { fmt.Println("ok", step) }

func client() *kafka.Client {
	address, err := net.ResolveTCPAddr("tcp", bootstrap)
	check(err, "address")
	return &kafka.Client{Addr: address, Timeout: 10 * time.Second}
}

func create(topic string, partitions int) {
	response, err := client().CreateTopics(ctx, &kafka.CreateTopicsRequest{
		Topics: []kafka.TopicConfig{{Topic: topic, NumPartitions: partitions, ReplicationFactor: 1}}})
	check(err, "create "+topic)
	check(response.Errors[topic], "created "+topic)
}

func write(topic, prefix string, count int, codec kafka.Compression, acks kafka.RequiredAcks) {
	writer := &kafka.Writer{Addr: kafka.TCP(bootstrap), Topic: topic, Balancer: &kafka.Hash{}, Compression: codec,
		RequiredAcks: acks, BatchTimeout: 5 * time.Millisecond}
	messages := []kafka.Message{}
	for i := 0; i < count; i++ {
		key := fmt.Sprintf("%s-%d", prefix, i)
		messages = append(messages, kafka.Message{Key: []byte(key), Value: []byte(strings.Repeat(key, 20)),
			Headers: []kafka.Header{{Key: "h", Value: []byte(prefix)}}})
	}
	check(writer.WriteMessages(ctx, messages...), "write "+prefix)
	check(writer.Close(), "close writer")
}

func reader(topic, group string, partition int) *kafka.Reader {
	config := kafka.ReaderConfig{Brokers: []string{bootstrap}, Topic: topic, MaxWait: 200 * time.Millisecond, MinBytes: 1,
		MaxBytes: 1 << 20, StartOffset: kafka.FirstOffset, HeartbeatInterval: 200 * time.Millisecond,
		JoinGroupBackoff: 200 * time.Millisecond, RebalanceTimeout: 10 * time.Second, SessionTimeout: 10 * time.Second}
	if group == "" {
		config.Partition = partition
	} else {
		config.GroupID = group
	}
	return kafka.NewReader(config)
}

func readAll(r *kafka.Reader, count int) {
	seen := map[string]bool{}
	for len(seen) < count {
		message, err := r.ReadMessage(ctx)
		check(err, fmt.Sprintf("read %d of %d", len(seen), count))
		expect(!seen[string(message.Key)], "%s was read twice", message.Key)
		expect(len(message.Headers) == 1 && message.Headers[0].Key == "h", "%s has headers %v", message.Key, message.Headers)
		seen[string(message.Key)] = true
	}
	check(r.Close(), "close reader")
}

func groups() {
	first := reader("group", "kafka-go", 0)
	second := reader("group", "kafka-go", 0)
	results := make(chan string, 300)
	for _, r := range []*kafka.Reader{first, second} {
		go func() {
			for {
				message, err := r.ReadMessage(ctx)
				if errors.Is(err, context.Canceled) || err != nil {
					return
				}
				results <- string(message.Key)
			}
		}()
	}
	seen := map[string]bool{}
	for len(seen) < 300 {
		select {
		case key := <-results:
			seen[key] = true
		case <-ctx.Done():
			check(ctx.Err(), fmt.Sprintf("group read %d", len(seen)))
		}
	}
	check(first.Close(), "close first")
	check(second.Close(), "close second")
	offsets, err := client().OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: "kafka-go", Topics: map[string][]int{"group": {0, 1, 2}}})
	check(err, "offset fetch")
	total := int64(0)
	for _, partition := range offsets.Topics["group"] {
		total += partition.CommittedOffset
	}
	expect(total == 300, "committed offsets add up to %d", total)
	done("groups")
}

func main() {
	defer stop()
	create("codecs", 1)
	create("acks", 1)
	create("group", 3)
	done("topics")
	codecs := map[string]kafka.Compression{"none": 0, "gzip": kafka.Gzip, "snappy": kafka.Snappy, "lz4": kafka.Lz4, "zstd": kafka.Zstd}
	for name, codec := range codecs {
		write("codecs", name, 100, codec, kafka.RequireAll)
	}
	readAll(reader("codecs", "", 0), 500)
	done("codecs")
	for _, acks := range []kafka.RequiredAcks{kafka.RequireNone, kafka.RequireOne, kafka.RequireAll} {
		write("acks", acks.String(), 50, 0, acks)
	}
	readAll(reader("acks", "", 0), 150)
	done("acks")
	write("group", "g", 300, kafka.Lz4, kafka.RequireOne)
	groups()
	response, err := client().DeleteTopics(ctx, &kafka.DeleteTopicsRequest{Topics: []string{"codecs"}})
	check(err, "delete topics")
	check(response.Errors["codecs"], "deleted codecs")
	done("administration")
}
