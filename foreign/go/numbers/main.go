// Command numbers has franz-go write numbered records to partitions of its own until its standard input ends, and says what became of each:
// numbers BOOTSTRAP TOPIC PARTITION COUNT. The lines are those of durability/chaos/program-client.ts. franz-go's defaults: idempotent,
// acks of all, without a limit to how long a record is tried.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const interval = 2 * time.Millisecond

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// value is as long each time it is made: recordValue of durability/ledger.ts.
func value(topic string, partition int32, number int) string {
	return fmt.Sprintf("%s-%d:%d:%s", topic, partition, number, strings.Repeat("x", number%200))
}

// say prints what became of a record.
func say(record *kgo.Record, err error) {
	if err == nil {
		fmt.Printf("acked %d %s %d\n", record.Partition, record.Key, record.Offset)
	} else {
		fmt.Printf("failed %d %s %s\n", record.Partition, record.Key, strings.Join(strings.Fields(err.Error()), " "))
	}
}

func main() {
	bootstrap, topic := strings.Split(os.Args[1], ","), os.Args[2]
	first, err := strconv.Atoi(os.Args[3])
	check(err)
	count, err := strconv.Atoi(os.Args[4])
	check(err)
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	check(err)
	defer client.Close()
	stopped := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(stopped)
	}()
	for number := 0; ; number++ {
		select {
		case <-stopped:
			check(client.Flush(context.Background()))
			return
		case <-time.After(interval):
			for partition := int32(first); partition < int32(first+count); partition++ {
				record := &kgo.Record{Topic: topic, Partition: partition, Key: []byte(strconv.Itoa(number)), Value: []byte(value(topic, partition, number))}
				client.Produce(context.Background(), record, say)
			}
		}
	}
}
